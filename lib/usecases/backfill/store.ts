/** Compare-and-swap on what is stored of backfills, again until it holds. */
import { type RouteClaims, release, type Verified, verified } from '../../core/backfill/claims.ts';
import type { BackfillJob } from '../../core/backfill/job.ts';
import { rangesOf } from '../../core/backfill/job.ts';
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

/** Lets others begin where this backfill was. */
export async function releaseClaim(jobs: BackfillJobs, { id, route }: Pick<BackfillJob, 'id' | 'route'>): Promise<void> {
  await changeClaims(jobs, route, (held) => release(held, id));
}

/** The latest comparison of all of a route's keys. */
export async function noteVerified(jobs: BackfillJobs, route: string, found: Verified): Promise<void> {
  await changeClaims(jobs, route, (held) => verified(held, found));
}

async function changeClaims(jobs: BackfillJobs, route: string, change: (held: RouteClaims) => RouteClaims | null): Promise<void> {
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
