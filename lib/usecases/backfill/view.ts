import type { BackfillJob } from '../../core/backfill/job.ts';
import { kindOf } from '../../core/backfill/mode.ts';
import { type Progress, progressOf } from '../../core/backfill/progress.ts';
import type { BackfillJobs, BackfillTally } from '../../ports/backfills.ts';
import type { Clock } from '../../ports/system.ts';

export interface BackfillView {
  readonly job: BackfillJob;
  readonly progress: Progress;
}

export interface ViewDeps {
  readonly backfills: BackfillJobs;
  readonly tally: Pick<BackfillTally, 'read'>;
  readonly clock: Clock;
}

/** @returns null when there is none */
export async function viewBackfill(deps: ViewDeps, id: string): Promise<BackfillView | null> {
  const job = await deps.backfills.get(id);
  return job && kindOf(job.mode) === 'backfill' ? viewOf(deps, job) : null;
}

/** @returns the newest first, and after which id to go on where there may be more */
export async function listBackfills(
  deps: ViewDeps,
  limit: number,
  before?: string,
): Promise<{ readonly backfills: readonly BackfillView[]; readonly next?: string }> {
  const jobs = await deps.backfills.list(['backfill'], limit, before);
  const backfills = await Promise.all(jobs.map((job) => viewOf(deps, job)));
  const last = jobs.length === limit ? jobs.at(-1)?.id : undefined;
  return { backfills, ...(last === undefined ? {} : { next: last }) };
}

async function viewOf({ backfills, tally, clock }: ViewDeps, job: BackfillJob): Promise<BackfillView> {
  const [ranges, settled] = await Promise.all([backfills.ranges(job.id), tally.read(job.id)]);
  return { job, progress: progressOf(job, ranges, settled, clock.now()) };
}
