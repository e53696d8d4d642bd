import type { RangeProgress } from '../backfill/range-progress.ts';
import { addCounts, type Counts, NO_COUNTS } from './difference.ts';

export interface FoundInAll {
  readonly counts: Counts;
  /** Keys of either side. */
  readonly compared: number;
  /** Keys of the source, and their bytes. */
  readonly listed: number;
  readonly bytes: number;
  readonly enqueued: number;
}

/** What a comparison found in all of its ranges so far. */
export function foundIn(ranges: readonly RangeProgress[]): FoundInAll {
  return ranges.reduce<FoundInAll>(
    (sum, { found, listed, bytes, enqueued }) => ({
      counts: addCounts(sum.counts, found?.counts ?? NO_COUNTS),
      compared: sum.compared + (found?.compared ?? 0),
      listed: sum.listed + listed,
      bytes: sum.bytes + bytes,
      enqueued: sum.enqueued + enqueued,
    }),
    { counts: NO_COUNTS, compared: 0, listed: 0, bytes: 0, enqueued: 0 },
  );
}
