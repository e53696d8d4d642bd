/** Starts by the clock what compares whole routes. */
import type { BackfillJob } from '../../core/backfill/job.ts';
import { asTidemarkError, type TidemarkError } from '../../core/errors.ts';
import type { Route } from '../../core/routes/route.ts';
import type { SampleTerms } from '../backfill/sample.ts';
import { estimateBackfill, type StartDeps, startBackfill } from '../backfill/start.ts';

export interface Schedule {
  readonly mode: 'verify' | 'reconcile';
  readonly everyMs: number;
  readonly deep?: boolean;
}

export interface Due {
  readonly started: readonly BackfillJob[];
  /** What could not be started; it is tried again at the next call. */
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
  const { begun } = await deps.backfills.claims(route.name);
  if (deps.clock.now() - (begun?.[mode] ?? Number.NEGATIVE_INFINITY) < everyMs) return null;
  const wanted = { route, prefix: route.prefix, mode, ...(deep ? { deep } : {}) };
  const result = await startBackfill(deps, wanted, await estimateBackfill(deps, wanted, terms));
  return 'job' in result ? result.job : null;
}
