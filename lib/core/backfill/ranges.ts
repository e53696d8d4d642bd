/** Ranges of keys in UTF-8 byte order, half-open, so that every key is in exactly one, whatever keys there are (trap 14). */
import { compareUtf8 } from '../objects/byte-order.ts';

export interface KeyRange {
  /** Exclusive, as a listing's start-after; absent: from the first key on. */
  readonly after?: string;
  /** Inclusive; absent: to the last key. */
  readonly through?: string;
}

/** @param boundaries any texts, in any order; what is no boundary of its own (a repeated one) makes no range */
export function rangesBetween(boundaries: readonly string[]): readonly KeyRange[] {
  const sorted = [...new Set(boundaries)].sort(compareUtf8);
  const starts = [undefined, ...sorted];
  return starts.map((after, index) => {
    const through = sorted[index];
    return { ...(after === undefined ? {} : { after }), ...(through === undefined ? {} : { through }) };
  });
}

export function isBeyond({ through }: KeyRange, key: string): boolean {
  return through !== undefined && compareUtf8(key, through) > 0;
}

export function isInRange(range: KeyRange, key: string): boolean {
  return (range.after === undefined || compareUtf8(key, range.after) > 0) && !isBeyond(range, key);
}
