import type { Finding } from '../../lib/usecases/doctor/finding.ts';

export type Code = Pick<Finding, 'level' | 'code' | 'subject'>;

/** What must be mended or costs something; what is merely good to know stands in every run. */
export function wrong(findings: readonly Finding[]): readonly Code[] {
  return findings.filter(({ level }) => level === 'error' || level === 'warning').map(({ level, code, subject }) => ({ level, code, subject }));
}
