import { asTidemarkError } from '../../core/errors.ts';
import type { Finding } from './finding.ts';

interface Problem {
  readonly field: string;
  readonly message: string;
  readonly fix: string;
}

const TOKENS: ReadonlySet<string> = new Set(['API_TOKEN', 'EVENTS_TOKEN']);

/** What stands against the configuration or the environment, field by field. @param thrown by what loads it */
export function configurationFindings(thrown: unknown): readonly Finding[] {
  const { code, message, fix, fields } = asTidemarkError(thrown);
  const problems = Array.isArray(fields.problems) ? fields.problems.filter(isProblem) : [];
  if (problems.length === 0) return [{ level: 'error', check: 'configuration', subject: 'tidemark.config.ts', code, message, fix }];
  return problems.map((problem) => ({
    level: 'error',
    check: TOKENS.has(problem.field) ? 'tokens' : 'configuration',
    subject: problem.field,
    code: TOKENS.has(problem.field) ? 'TOKEN_MISSING' : code,
    message: problem.message,
    fix: problem.fix,
  }));
}

/** A variable that the configuration takes a credential from, and that is not set. */
export function credentialFinding(region: string, variable: string): Finding {
  const message = `${variable} is not set, and the region takes its credential from it`;
  return {
    level: 'error',
    check: 'tokens',
    subject: `region ${region}`,
    code: 'CREDENTIALS_MISSING',
    message,
    fix: `Set ${variable} where Tidemark runs, and here.`,
  };
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'field' in value && 'message' in value && 'fix' in value;
}
