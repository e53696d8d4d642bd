/** A backfill, or another walk over both listings: what was asked for, and how far its work is. Pure: every transition is a function of what is stored and the time. */
import type { Side } from '../change.ts';
import { TidemarkError } from '../errors.ts';
import type { Estimate } from './estimate.ts';
import type { JobMode } from './mode.ts';
import { type KeyRange, rangesBetween } from './ranges.ts';

/**
 *   planning ──► running ──► done          every range was listed, and what it asks for is queued or reported
 *      │            │  ▲
 *      │            ▼  │ resume
 *      ├────────► failed                   a range could not be listed; what was done stays done
 *      └──► cancelled ◄── running, failed
 */
export const BACKFILL_STATUSES = ['planning', 'running', 'done', 'failed', 'cancelled'] as const;
export type BackfillStatus = (typeof BACKFILL_STATUSES)[number];

export const ENDED: Readonly<Record<BackfillStatus, boolean>> = { planning: false, running: false, done: true, failed: true, cancelled: true };

export interface BackfillFailure {
  readonly code: string;
  readonly message: string;
}

export interface BackfillJob {
  /** Sorts by the time it was made. */
  readonly id: string;
  /** 1 at the first write; every write is a compare-and-swap on it. */
  readonly version: number;
  readonly route: string;
  /** The end that it was planned from. Absent: `from`. On a bidirectional route both are compared, whichever was named. */
  readonly side?: Side;
  readonly prefix: string;
  readonly mode: JobMode;
  /** Of a verify or repair: the bytes of both sides are read. */
  readonly deep?: boolean;
  /** Of a repair: what only the destination holds is deleted. */
  readonly delete?: boolean;
  readonly status: BackfillStatus;
  readonly estimate: Estimate;
  /** What its ranges lie between; null while it is planned. Here, so that one write fixes them all. */
  readonly boundaries: readonly string[] | null;
  /** How often it was started: 1, and one more for each time it was resumed. */
  readonly starts: number;
  readonly failure?: BackfillFailure;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly endedAt?: number;
}

/** @returns none while it is planned */
export function rangesOf({ boundaries }: BackfillJob): readonly KeyRange[] {
  return boundaries === null ? [] : rangesBetween(boundaries);
}

export type NewBackfill = Pick<BackfillJob, 'id' | 'route' | 'side' | 'prefix' | 'mode' | 'deep' | 'delete' | 'estimate'>;

export function newJob(wanted: NewBackfill, now: number): BackfillJob {
  return { ...wanted, version: 1, status: 'planning', boundaries: null, starts: 1, createdAt: now, updatedAt: now };
}

/** @returns null when it is past that: another worker planned it, or it ended */
export function planned(job: BackfillJob, boundaries: readonly string[], estimate: Estimate, now: number): BackfillJob | null {
  return job.status === 'planning' ? next(job, { status: 'running', boundaries, estimate }, now) : null;
}

/** @returns null when it does not run */
export function finished(job: BackfillJob, now: number): BackfillJob | null {
  return job.status === 'running' ? next(job, { status: 'done', endedAt: now }, now) : null;
}

/** @returns null when it ended already */
export function failed(job: BackfillJob, failure: BackfillFailure, now: number): BackfillJob | null {
  return ENDED[job.status] ? null : next(job, { status: 'failed', failure, endedAt: now }, now);
}

/** @returns null when it is cancelled already. @throws TidemarkError WRONG_STATE when it is done */
export function cancelled(job: BackfillJob, now: number): BackfillJob | null {
  if (job.status === 'cancelled') return null;
  if (job.status === 'done') throw new TidemarkError('WRONG_STATE', 'it is done: there is nothing left to cancel', { id: job.id });
  return next(job, { status: 'cancelled', endedAt: now }, now);
}

/** Goes on where it failed, with the ranges it has. @throws TidemarkError WRONG_STATE when it did not fail */
export function resumed(job: BackfillJob, now: number): BackfillJob {
  if (job.status !== 'failed') {
    throw new TidemarkError('WRONG_STATE', `it is ${job.status}: only one that failed can be resumed`, { id: job.id });
  }
  const { failure: _mended, endedAt: _open, ...kept } = job;
  return next(kept, { status: job.boundaries === null ? 'planning' : 'running', starts: job.starts + 1 }, now);
}

function next(job: BackfillJob, changes: Partial<BackfillJob>, now: number): BackfillJob {
  return { ...job, ...changes, version: job.version + 1, updatedAt: now };
}
