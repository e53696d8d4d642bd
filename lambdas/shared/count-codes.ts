import type { TidemarkError } from '../../lib/core/errors.ts';

/** How often each code occurs: what a log line may say of many failures without naming keys. */
export function countCodes(errors: readonly TidemarkError[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { code } of errors) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
