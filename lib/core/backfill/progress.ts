/** How far a backfill is, as an operator sees it. Pure. */
import { type BackfillJob, ENDED, rangesOf } from './job.ts';
import { type RangeProgress, totalOf } from './range-progress.ts';

export interface Settled {
  readonly done: number;
  readonly failed: number;
}

export interface Progress {
  /** Keys of the source that there are to list, as estimated; what was listed, once that is more or all. */
  readonly planned: number;
  readonly listed: number;
  readonly enqueued: number;
  /** Of what was enqueued, by the replayer's own count: looked at to the end, or given up with an error that is listed among the events. */
  readonly done: number;
  readonly failed: number;
  /** What was enqueued and is neither. */
  readonly waiting: number;
  readonly bytes: number;
  readonly ranges: { readonly total: number; readonly done: number };
  /** Keys listed a second. */
  readonly rate: number;
  /** Until all is listed, ms; null when nobody can know. */
  readonly timeLeftMs: number | null;
}

export function progressOf(job: BackfillJob, ranges: readonly RangeProgress[], settled: Settled, now: number): Progress {
  const { listed, enqueued, bytes } = totalOf(ranges);
  const planned = job.status === 'done' ? listed : Math.max(listed, job.estimate.objects);
  // A message that was delivered twice is counted twice.
  const failed = Math.min(enqueued, settled.failed);
  const done = Math.min(enqueued - failed, settled.done);
  const elapsed = (job.endedAt ?? now) - job.createdAt;
  const rate = elapsed > 0 ? (listed * 1000) / elapsed : 0;
  const left = planned - listed;
  const timeLeftMs = ENDED[job.status] ? 0 : rate > 0 ? Math.round((left / rate) * 1000) : null;
  return {
    planned,
    listed,
    enqueued,
    done,
    failed,
    waiting: enqueued - done - failed,
    bytes,
    ranges: { total: rangesOf(job).length, done: ranges.filter(({ status }) => status === 'done').length },
    rate: Math.round(rate * 10) / 10,
    timeLeftMs,
  };
}
