/** Conditional requests, as RFC 9110 (section 13) orders and compares them: one judge for all stores, since each store has gaps of its own. */

/** Headers as they were sent. */
export interface ReadConditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifUnmodifiedSince?: string;
  /** The range counts only while this still names the object; else the whole is wanted. */
  readonly ifRange?: string;
}

/** Headers as they were sent. */
export interface WriteConditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: '*';
}

/** What a store tells two states of an object apart by. */
export interface Validators {
  /** Strong, without quotes. */
  readonly etag: string;
  /** ms since the epoch. */
  readonly lastModified: number;
}

export function judgeRead(conditions: ReadConditions, current: Validators): 'proceed' | 'notModified' | 'preconditionFailed' {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!names(ifMatch, current.etag, 'strong')) return 'preconditionFailed';
  } else {
    const time = parseHttpDate(ifUnmodifiedSince);
    if (time !== null && secondOf(current) > time) return 'preconditionFailed';
  }
  if (ifNoneMatch !== undefined) return names(ifNoneMatch, current.etag, 'weak') ? 'notModified' : 'proceed';
  const time = parseHttpDate(ifModifiedSince);
  return time !== null && secondOf(current) <= time ? 'notModified' : 'proceed';
}

/** True where a range may be taken: the object is the one that the asker has the rest of. */
export function rangeStands({ ifRange }: ReadConditions, current: Validators): boolean {
  if (ifRange === undefined) return true;
  const time = parseHttpDate(ifRange);
  return time === null ? ifRange.trim() !== '*' && names(ifRange, current.etag, 'strong') : secondOf(current) === time;
}

/**
 * What must still hold in the moment of the write, for what is there now.
 * @param current null where there is nothing
 * @returns undefined where anything may be there; `failed` where it does not hold already
 */
export function judgeWrite(
  { ifMatch, ifNoneMatch }: WriteConditions,
  current: { readonly etag: string } | null,
): { readonly ifMatch: string } | { readonly ifAbsent: true } | undefined | 'failed' {
  if (ifMatch !== undefined && (current === null || !names(ifMatch, current.etag, 'strong'))) return 'failed';
  if (ifNoneMatch !== undefined) return current === null ? { ifAbsent: true } : 'failed';
  return ifMatch === undefined || current === null ? undefined : { ifMatch: current.etag };
}

const ENTITY_TAG = /(W\/)?"([^"]*)"/g;

/** An etag without quotes is no etag, and yet many clients of S3 send one: it is taken for what it means. */
function names(header: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  const text = header.trim();
  if (text === '*' || text === etag) return true;
  for (const [, weak, tag] of text.matchAll(ENTITY_TAG)) {
    if (tag === etag && (weak === undefined || comparison === 'weak')) return true;
  }
  return false;
}

/** HTTP dates hold whole seconds. */
function secondOf({ lastModified }: Validators): number {
  return Math.floor(lastModified / 1000) * 1000;
}

const HTTP_DATES = [
  /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^\w{6,9}, \d{2}-\w{3}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/** @returns ms since the epoch; null for what is no date of HTTP, which is to be ignored */
function parseHttpDate(text: string | undefined): number | null {
  const date = text?.trim() ?? '';
  if (!HTTP_DATES.some((form) => form.test(date))) return null;
  const time = Date.parse(date.endsWith('GMT') ? date : `${date} GMT`);
  return Number.isNaN(time) ? null : time;
}
