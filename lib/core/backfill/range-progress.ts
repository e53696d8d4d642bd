/** How far one range of a backfill is. Written once a page of the listing, so that whoever goes on after a crash repeats one page at most. */
import { compareUtf8 } from '../objects/byte-order.ts';
import type { Counts } from '../verify/difference.ts';
import type { KeyRange } from './ranges.ts';

export interface RangeCounts {
  /** Keys of the source. */
  readonly listed: number;
  readonly enqueued: number;
  /** Of what was queued. */
  readonly bytes: number;
}

/** What a comparison of the range found. Files are numbered from 0 in the order of their keys; one beyond these counts was left by a worker that died. */
export interface Found {
  readonly counts: Counts;
  /** Keys that both sides were asked for, or of which one listed. */
  readonly compared: number;
  /** Files of differences. */
  readonly files: number;
  /** Files of keys that are to be looked at again, and how many of them were. */
  readonly doubts: number;
  readonly settled: number;
  /** When the last of them was written. */
  readonly doubtedAt: number;
}

export interface RangeProgress extends RangeCounts {
  readonly job: string;
  readonly index: number;
  /** 0: nothing of it is stored yet. */
  readonly version: number;
  readonly range: KeyRange;
  /** `settling`: all of it was listed, and some keys are looked at again. */
  readonly status: 'pending' | 'listing' | 'settling' | 'done';
  /** The last key that is done with; all before it are, too. */
  readonly at?: string;
  readonly found?: Found;
  readonly updatedAt: number;
}

export function newRange(job: string, index: number, range: KeyRange, now: number): RangeProgress {
  return { job, index, version: 0, range, status: 'pending', listed: 0, enqueued: 0, bytes: 0, updatedAt: now };
}

/** After a page whose last key was `at`. Never goes back. */
export function advanced(progress: RangeProgress, at: string, page: RangeCounts, now: number, found?: Found): RangeProgress {
  const furthest = progress.at !== undefined && compareUtf8(progress.at, at) > 0 ? progress.at : at;
  return {
    ...progress,
    version: progress.version + 1,
    status: 'listing',
    at: furthest,
    listed: progress.listed + page.listed,
    enqueued: progress.enqueued + page.enqueued,
    bytes: progress.bytes + page.bytes,
    ...(found ? { found } : {}),
    updatedAt: now,
  };
}

/** All of it was listed, and keys wait to be looked at again; or one file of them was. */
export function settling(progress: RangeProgress, counts: RangeCounts, found: Found | undefined, now: number): RangeProgress {
  return {
    ...progress,
    version: progress.version + 1,
    status: 'settling',
    enqueued: progress.enqueued + counts.enqueued,
    ...(found ? { found } : {}),
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
