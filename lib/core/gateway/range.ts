/** The Range header, as RFC 9110 (section 14) reads it. */

/** Both ends inclusive, in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Null stands for what was left out: without a first byte, `last` counts from the end. */
export interface AskedRange {
  readonly first: number | null;
  readonly last: number | null;
}

const ONE_RANGE = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i;

/** @returns null for what is to be ignored: no header, another unit, what cannot be read, and several ranges at once, which a server may refuse */
export function parseRange(header: string | undefined): AskedRange | null {
  const [, from = '', to = ''] = ONE_RANGE.exec(header ?? '') ?? [];
  const [first, last] = [numberOf(from), numberOf(to)];
  if (first === null && last === null) return null;
  return first !== null && last !== null && last < first ? null : { first, last };
}

/** The same as a header that every store reads alike. */
export function rangeHeader({ first, last }: AskedRange): string {
  return `bytes=${first ?? ''}-${last ?? ''}`;
}

/** What is asked for of so many bytes. The last bytes of an empty object are all of it, and no range can name them. */
export function resolveRange({ first, last }: AskedRange, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  if (first === null) {
    if (last === null || last === 0) return 'unsatisfiable';
    return size === 0 ? 'whole' : { start: Math.max(0, size - last), end: size - 1 };
  }
  return first >= size ? 'unsatisfiable' : { start: first, end: Math.min(last ?? size, size - 1) };
}

/** Past what a number holds lies no byte of any object. */
function numberOf(digits: string): number | null {
  return digits === '' ? null : Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}
