import { type BackfillClaim, claim, overlapping } from '../../core/backfill/claims.ts';
import { type Estimate, estimateOf } from '../../core/backfill/estimate.ts';
import { type BackfillJob, cancelled, ENDED, failed, newJob, resumed } from '../../core/backfill/job.ts';
import { kindOf } from '../../core/backfill/mode.ts';
import { asTidemarkError } from '../../core/errors.ts';
import type { BackfillDeps, BackfillRequest, BackfillWorkflow } from './deps.ts';
import { isWhole, linkFrom, routeOf } from './plan.ts';
import { type SampleTerms, sampleListing } from './sample.ts';
import { changeJob, MAX_RACES, noteUnstarted, releaseClaim, tooManyRaces } from './store.ts';

export interface StartDeps extends BackfillDeps {
  readonly workflow: BackfillWorkflow;
}

/** `refused`: the backfill of this id runs on keys that both would list. */
export type Started = { readonly job: BackfillJob } | { readonly refused: string };

/** A claim without a job is one whose maker died, or is about to write its job. */
const WITHOUT_JOB_MS = 60_000;
const MAX_MESSAGE = 500;

/** @throws TidemarkError where either side cannot be listed */
export async function estimateBackfill(deps: BackfillDeps, { route, side, prefix, mode }: BackfillRequest, terms: SampleTerms): Promise<Estimate> {
  const link = await linkFrom(deps, route, side);
  await link.source.check();
  return estimateOf(await sampleListing(deps.clock, route, link, prefix, terms), {
    mode: mode === 'all' ? mode : 'missing',
    ...deps.premises(route),
  });
}

/**
 * Timeline: claim the keys → write the job → start its workflow. Who dies after the claim leaves one that is over in a minute;
 * who dies after the job leaves one that can be cancelled, and that the embedded host starts by itself.
 */
export async function startBackfill(deps: StartDeps, { route, ...wanted }: BackfillRequest, estimate: Estimate): Promise<Started> {
  const now = deps.clock.now();
  const job = newJob({ ...wanted, id: deps.ids.next(), route: route.name, estimate }, now);
  const refused = await claimKeys(deps, job);
  if (refused !== null) return { refused };
  await deps.backfills.put(job, 0);
  return { job: await startWorkflow(deps, job) };
}

/** Goes on with a backfill that failed. @returns null when there is none. @throws TidemarkError WRONG_STATE when it did not fail */
export async function resumeBackfill(deps: StartDeps, id: string): Promise<Started | null> {
  const { backfills, clock } = deps;
  const job = await backfills.get(id);
  if (!job) return null;
  resumed(job, clock.now());
  const refused = await claimKeys(deps, job);
  if (refused !== null) return { refused };
  // It may have been one that is over.
  await backfills.expire(id, null);
  const changed = await changeJob(backfills, id, (current) => resumed(current, clock.now()));
  return changed && { job: await startWorkflow(deps, changed) };
}

/** What was queued stays queued. @returns null when there is none. @throws TidemarkError WRONG_STATE when it is done */
export async function cancelBackfill(deps: StartDeps, id: string): Promise<BackfillJob | null> {
  const job = await changeJob(deps.backfills, id, (current) => cancelled(current, deps.clock.now()));
  if (!job) return null;
  await releaseClaim(deps.backfills, job, deps.clock.now());
  await deps.workflow.stop(job);
  return job;
}

/** Writes down why it could not go on; what was done stays done. @param failure its message as it is, or as Step Functions gives it */
export async function failBackfill(deps: BackfillDeps, id: string, failure: { readonly code: string; readonly message: string }): Promise<void> {
  const message = messageOf(failure.message).slice(0, MAX_MESSAGE);
  const job = await changeJob(deps.backfills, id, (current) => failed(current, { ...failure, message }, deps.clock.now()));
  if (!job) return;
  await releaseClaim(deps.backfills, job, deps.clock.now());
  const isUnstarted = job.status === 'failed' && job.boundaries === null && isWhole(deps, job);
  if (isUnstarted) await noteUnstarted(deps.backfills, job.route, kindOf(job.mode), deps.clock.now());
}

async function startWorkflow(deps: StartDeps, job: BackfillJob): Promise<BackfillJob> {
  try {
    await deps.workflow.start(job);
    return job;
  } catch (error) {
    const { code, message } = asTidemarkError(error);
    await failBackfill(deps, job.id, { code, message });
    throw error;
  }
}

/** @returns the id of the backfill that holds some of the keys; null when they are claimed now */
async function claimKeys(deps: BackfillDeps, { id, route, prefix, mode }: BackfillJob): Promise<string | null> {
  const { backfills, clock } = deps;
  for (let race = 0; race < MAX_RACES; race++) {
    const held = await backfills.claims(route);
    const rivals = overlapping(held, { kind: kindOf(mode), prefix }).filter((each) => each.id !== id);
    const judged = await Promise.all(rivals.map(async (each) => ({ id: each.id, isOver: await isOver(each) })));
    const rival = judged.find((each) => !each.isOver);
    if (rival) return rival.id;
    const claimed = claim(
      held,
      { id, kind: kindOf(mode), prefix, at: clock.now() },
      new Set(judged.map((each) => each.id)),
      prefix === routeOf(deps, { id, route }).prefix,
    );
    if (await backfills.putClaims(claimed, held.version)) return null;
  }
  throw tooManyRaces(id);

  async function isOver({ id: rival, at }: BackfillClaim): Promise<boolean> {
    const job = await backfills.get(rival);
    return job ? ENDED[job.status] : at < clock.now() - WITHOUT_JOB_MS;
  }
}

/** What a function threw comes as JSON. */
function messageOf(cause: string): string {
  const thrown = /"errorMessage":("(?:[^"\\]|\\.)*")/.exec(cause)?.[1];
  return thrown === undefined ? cause : String(JSON.parse(thrown));
}
