/** Compare-and-swap on what is stored of backfills, again until it holds. */
import { keptMs, lookedAfter, type RouteClaims, reconciled, released, unstarted, type Verified, verified } from '../../core/backfill/claims.ts';
import type { BackfillJob } from '../../core/backfill/job.ts';
import { rangesOf } from '../../core/backfill/job.ts';
import type { JobKind } from '../../core/backfill/mode.ts';
import { newRange, type RangeProgress } from '../../core/backfill/range-progress.ts';
import { TidemarkError } from '../../core/errors.ts';
import type { BackfillJobs } from '../../ports/backfills.ts';

export const MAX_RACES = 20;

/**
 * @param change null: there is nothing to change
 * @returns the job as it is stored then; null when there is none
 */
export async function changeJob(jobs: BackfillJobs, id: string, change: (job: BackfillJob) => BackfillJob | null): Promise<BackfillJob | null> {
  for (let race = 0; race < MAX_RACES; race++) {
    const job = await jobs.get(id);
    const changed = job && change(job);
    if (!job || !changed) return job;
    if (await jobs.put(changed, job.version)) return changed;
  }
  throw tooManyRaces(id);
}

/** Lets others begin where this job was, which has ended; of its route and mode, only the newest one is kept for good. */
export async function releaseClaim(jobs: BackfillJobs, { id, route, mode }: Pick<BackfillJob, 'id' | 'route' | 'mode'>, now: number): Promise<void> {
  for (let race = 0; race < MAX_RACES; race++) {
    const held = await jobs.claims(route);
    const changed = released(held, { id, mode });
    if (!changed) return;
    // Before it is forgotten which one that is.
    if (changed.over !== null) await jobs.expire(changed.over, now + keptMs(mode));
    if (await jobs.putClaims(changed.claims, held.version)) return;
  }
  throw tooManyRaces(route);
}

/** The latest comparison of all of a route's keys. */
export async function noteVerified(jobs: BackfillJobs, route: string, found: Verified): Promise<void> {
  await changeClaims(jobs, route, (held) => verified(held, found));
}

/** @param at when the reconcile of all of a route's keys was begun that ended well, ms since the epoch */
export async function noteReconciled(jobs: Claims, route: string, at: number): Promise<void> {
  await changeClaims(jobs, route, (held) => reconciled(held, at));
}

/** The clock is there to start these; costs a read, and a write each quarter of an hour. */
export async function noteLookedAfter(jobs: Claims, route: string, schedules: Parameters<typeof lookedAfter>[1], now: number): Promise<void> {
  await changeClaims(jobs, route, (held) => lookedAfter(held, schedules, now));
}

/** What was to compare all of a route's keys failed before it had listed anything. */
export async function noteUnstarted(jobs: Claims, route: string, kind: JobKind, now: number): Promise<void> {
  await changeClaims(jobs, route, (held) => unstarted(held, kind, now));
}

type Claims = Pick<BackfillJobs, 'claims' | 'putClaims'>;

async function changeClaims(jobs: Claims, route: string, change: (held: RouteClaims) => RouteClaims | null): Promise<void> {
  for (let race = 0; race < MAX_RACES; race++) {
    const held = await jobs.claims(route);
    const changed = change(held);
    if (!changed || (await jobs.putClaims(changed, held.version))) return;
  }
  throw tooManyRaces(route);
}

/** Every range of a job that is planned, those that nothing is stored of as they begin. */
export async function progressOfRanges(jobs: BackfillJobs, job: BackfillJob, now: number): Promise<readonly RangeProgress[]> {
  const stored = new Map((await jobs.ranges(job.id)).map((progress) => [progress.index, progress]));
  return rangesOf(job).map((range, index) => stored.get(index) ?? newRange(job.id, index, range, now));
}

export function tooManyRaces(id: string): TidemarkError {
  return new TidemarkError('THROTTLED', 'the backfill is written by too many at once', { id });
}
