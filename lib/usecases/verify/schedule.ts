/** Starts by the clock what compares whole routes. */
import { isDue } from '../../core/backfill/claims.ts';
import type { Estimate } from '../../core/backfill/estimate.ts';
import type { BackfillJob } from '../../core/backfill/job.ts';
import { kindOf } from '../../core/backfill/mode.ts';
import { asTidemarkError, type TidemarkError } from '../../core/errors.ts';
import type { Route } from '../../core/routes/route.ts';
import type { BackfillRequest } from '../backfill/deps.ts';
import type { SampleTerms } from '../backfill/sample.ts';
import { estimateBackfill, type StartDeps, startBackfill } from '../backfill/start.ts';
import { noteUnstarted } from '../backfill/store.ts';

export interface Schedule {
  readonly mode: 'verify' | 'reconcile';
  readonly everyMs: number;
  readonly deep?: boolean;
}

export interface Due {
  readonly started: readonly BackfillJob[];
  /** What could not be started; it is tried again soon, see isDue. */
  readonly failed: readonly { readonly route: string; readonly mode: Schedule['mode']; readonly error: TidemarkError }[];
}

/** One that still runs is not started a second time. */
export async function startDue(
  deps: StartDeps,
  schedules: readonly Schedule[],
  terms: Omit<SampleTerms, 'deadline'> & { readonly sampleMs: number },
): Promise<Due> {
  const started: BackfillJob[] = [];
  const failed: { readonly route: string; readonly mode: Schedule['mode']; readonly error: TidemarkError }[] = [];
  for (const route of deps.routes) {
    for (const schedule of schedules) {
      try {
        const job = await startIfDue(deps, route, schedule, { looks: terms.looks, deadline: deps.clock.now() + terms.sampleMs });
        if (job) started.push(job);
      } catch (error) {
        failed.push({ route: route.name, mode: schedule.mode, error: asTidemarkError(error) });
      }
    }
  }
  return { started, failed };
}

async function startIfDue(deps: StartDeps, route: Route, { mode, everyMs, deep = false }: Schedule, terms: SampleTerms): Promise<BackfillJob | null> {
  // What it would find waits all the same, and so would it.
  if (mode === 'reconcile' && (await deps.pauses.recent()).has(route.name)) return null;
  if (!isDue(await deps.backfills.claims(route.name), mode, everyMs, deps.clock.now())) return null;
  const wanted = { route, prefix: route.prefix, mode, ...(deep ? { deep } : {}) };
  const result = await startBackfill(deps, wanted, await estimateOrNote(deps, wanted, terms));
  return 'job' in result ? result.job : null;
}

async function estimateOrNote(deps: StartDeps, wanted: BackfillRequest, terms: SampleTerms): Promise<Estimate> {
  try {
    return await estimateBackfill(deps, wanted, terms);
  } catch (error) {
    await noteUnstarted(deps.backfills, wanted.route.name, kindOf(wanted.mode), deps.clock.now());
    throw error;
  }
}
