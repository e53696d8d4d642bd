/** The steps of the workflow of backfills and comparisons: plan the ranges, walk one of them for a while, report, write down that it failed. */
import { VERSION } from '../../lib/config/version.ts';
import { planBackfill } from '../../lib/usecases/backfill/plan.ts';
import { failBackfill } from '../../lib/usecases/backfill/start.ts';
import type { WalkTerms } from '../../lib/usecases/backfill/walk.ts';
import { makeReport } from '../../lib/usecases/verify/report.ts';
import type { Schedule } from '../../lib/usecases/verify/schedule.ts';
import type { Runtime } from '../shared/runtime.ts';
import { startScheduled } from './start-scheduled.ts';
import { type BackfillHandler, stepSchema } from './step.ts';
import { walkStep } from './walk-step.ts';

export type { BackfillAnswer, BackfillHandler } from './step.ts';

/** For the page that is under way when the time is over: objects of a deep comparison among it. */
const MARGIN_MS = 60_000;
const MARGIN_SHARE = 0.25;
/** A plan reads a few hundred pages at most; its estimate is the better for it. */
const LOOKS = 200;
const PLAN_MS = 45_000;

export interface StepTerms extends Omit<WalkTerms, 'deadline'> {
  /** What is started by the clock. */
  readonly schedules?: readonly Schedule[];
}

/** @throws TidemarkError when a step cannot be done: the workflow tries it again, and has it written down in the end */
export const makeBackfillHandler = (runtime: Runtime, terms: StepTerms): BackfillHandler => {
  const { clock, log } = runtime;
  return async (given, context) => {
    const step = stepSchema.parse(given);
    const timeLeft = context.getRemainingTimeInMillis();
    const deadline = clock.now() + timeLeft - Math.min(MARGIN_MS, timeLeft * MARGIN_SHARE);
    switch (step.action) {
      case 'plan': {
        const count = await planBackfill(runtime, step.id, { looks: LOOKS, deadline: Math.min(deadline, clock.now() + PLAN_MS) });
        return { ranges: Array.from({ length: count }, (_, index) => index) };
      }
      case 'walk':
        return walkStep(runtime, step, { ...terms, deadline });
      case 'report':
        await makeReport(runtime, step.id, VERSION);
        return { reported: true };
      case 'schedule':
        return { started: await startScheduled(runtime, terms.schedules ?? []) };
      case 'fail': {
        const failure = { code: step.code, message: step.cause };
        await failBackfill(runtime, step.id, failure);
        log.error('a backfill failed; resume it when the cause is mended', { id: step.id, ...failure });
        return { failed: true };
      }
    }
  };
};
