/** Failed deliveries by what failed them. */
import { ERROR_CODES, type ErrorCode } from '../core/errors.ts';
import type { EventView } from './api-types.ts';
import type { ApiClient } from './client.ts';

export interface Cause {
  /** As docs/runbook.md has it. */
  readonly code: string;
  readonly count: number;
  /** The newest one's own words. */
  readonly message: string;
  /** What a person should do next. */
  readonly fix: string;
  /** A few of them. */
  readonly keys: readonly string[];
  /** When the first and the last of them failed. */
  readonly since: number;
  readonly until: number;
}

/** Of an error that names no code. */
export const UNKNOWN = 'UNKNOWN';

const PAGE = 1_000;
const EXAMPLES = 3;

/** @param most errors that are looked at @returns the commonest first; `partial`: there are more */
export async function causesOf(client: ApiClient, most: number): Promise<{ readonly causes: readonly Cause[]; readonly partial: boolean }> {
  const causes = new Map<string, Cause>();
  const pages = client.all<EventView>('/events', 'events', { status: 'error', limit: Math.min(PAGE, most) }, most);
  let page = await pages.next();
  for (; !page.done; page = await pages.next()) {
    const code = codeOf(page.value);
    causes.set(code, added(causes.get(code), code, page.value));
  }
  return { causes: [...causes.values()].sort((a, b) => b.count - a.count), partial: page.value.partial };
}

function added(former: Cause | undefined, code: string, { key, lastError, updatedAt }: EventView): Cause {
  const { count = 0, keys = [], since = updatedAt, until = updatedAt } = former ?? {};
  const newest = former === undefined || updatedAt >= until;
  return {
    code,
    count: count + 1,
    message: newest ? (lastError ?? '').replace(`${code}: `, '') : (former?.message ?? ''),
    fix: isKnown(code) ? ERROR_CODES[code].fix : 'See the message, mend its cause, then requeue the event.',
    keys: keys.length < EXAMPLES && !keys.includes(key) ? [...keys, key] : keys,
    since: Math.min(since, updatedAt),
    until: Math.max(until, updatedAt),
  };
}

function codeOf({ lastError }: EventView): string {
  return /^([A-Z_]+): /.exec(lastError ?? '')?.[1] ?? UNKNOWN;
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
