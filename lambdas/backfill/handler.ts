/** The steps of a backfill's workflow: plan its ranges, walk one of them for a while, write down that it failed. */
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { BackfillStep, WalkState } from '../../lib/core/backfill/workflow.ts';
import { asTidemarkError } from '../../lib/core/errors.ts';
import { planBackfill } from '../../lib/usecases/backfill/plan.ts';
import { failBackfill } from '../../lib/usecases/backfill/start.ts';
import { type WalkTerms, walkRange } from '../../lib/usecases/backfill/walk.ts';
import type { Runtime } from '../shared/runtime.ts';

export type BackfillAnswer = { readonly ranges: readonly number[] } | { readonly state: WalkState } | { readonly failed: true };
export type BackfillHandler = (step: BackfillStep, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<BackfillAnswer>;

const id = z.string().min(1);
const stepSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('plan'), id }),
  z.object({ action: z.literal('walk'), id, index: z.int().min(0) }),
  z.object({ action: z.literal('fail'), id, code: z.string(), cause: z.string() }),
]);

/** For the page that is under way when the time is over. */
const MARGIN_MS = 20_000;
/** A plan reads a few hundred pages at most; its estimate is the better for it. */
const LOOKS = 200;
const PLAN_MS = 45_000;

/** @throws TidemarkError when a step cannot be done: the workflow tries it again, and has it written down in the end */
export const makeBackfillHandler = (runtime: Runtime, terms: Omit<WalkTerms, 'deadline'>): BackfillHandler => {
  const { clock, log } = runtime;
  return async (given, context) => {
    const step = stepSchema.parse(given);
    const deadline = clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    switch (step.action) {
      case 'plan': {
        const count = await planBackfill(runtime, step.id, { looks: LOOKS, deadline: Math.min(deadline, clock.now() + PLAN_MS) });
        return { ranges: Array.from({ length: count }, (_, index) => index) };
      }
      case 'walk':
        try {
          return await walkRange(runtime, step.id, step.index, { ...terms, deadline });
        } catch (thrown) {
          const error = asTidemarkError(thrown);
          log.warn('a range of a backfill could not be walked', { id: step.id, index: step.index, code: error.code, error: error.message });
          if (error.patience === 'patient') return { state: 'later' };
          throw error;
        }
      case 'fail': {
        const failure = { code: step.code, message: step.cause };
        await failBackfill(runtime, step.id, failure);
        log.error('a backfill failed; resume it when the cause is mended', { id: step.id, ...failure });
        return { failed: true };
      }
    }
  };
};
