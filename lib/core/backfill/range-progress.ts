/** How far one range of a backfill is. Written once a page of the listing, so that whoever goes on after a crash repeats one page at most. */
import { compareUtf8 } from '../objects/byte-order.ts';
import type { KeyRange } from './ranges.ts';

export interface RangeCounts {
  /** Keys of the source. */
  readonly listed: number;
  readonly enqueued: number;
  /** Of what was queued. */
  readonly bytes: number;
}

export interface RangeProgress extends RangeCounts {
  readonly job: string;
  readonly index: number;
  /** 0: nothing of it is stored yet. */
  readonly version: number;
  readonly range: KeyRange;
  readonly status: 'pending' | 'listing' | 'done';
  /** The last key that is done with; all before it are, too. */
  readonly at?: string;
  readonly updatedAt: number;
}

export function newRange(job: string, index: number, range: KeyRange, now: number): RangeProgress {
  return { job, index, version: 0, range, status: 'pending', listed: 0, enqueued: 0, bytes: 0, updatedAt: now };
}

/** After a page whose last key was `at`. Never goes back. */
export function advanced(progress: RangeProgress, at: string, page: RangeCounts, now: number): RangeProgress {
  const furthest = progress.at !== undefined && compareUtf8(progress.at, at) > 0 ? progress.at : at;
  return {
    ...progress,
    version: progress.version + 1,
    status: 'listing',
    at: furthest,
    listed: progress.listed + page.listed,
    enqueued: progress.enqueued + page.enqueued,
    bytes: progress.bytes + page.bytes,
    updatedAt: now,
  };
}

export function completed(progress: RangeProgress, now: number): RangeProgress {
  return { ...progress, version: progress.version + 1, status: 'done', updatedAt: now };
}

/** What of the range is still to be listed. */
export function restOf({ range, at }: RangeProgress): KeyRange {
  return at === undefined ? range : { ...range, after: at };
}

export function totalOf(ranges: readonly RangeCounts[]): RangeCounts {
  const sum = (of: (counts: RangeCounts) => number): number => ranges.reduce((total, counts) => total + of(counts), 0);
  return { listed: sum(({ listed }) => listed), enqueued: sum(({ enqueued }) => enqueued), bytes: sum(({ bytes }) => bytes) };
}
