/** The function of a backfill's workflow. */
import { asTidemarkError } from '../../lib/core/errors.ts';
import { awsRuntime } from '../shared/aws-runtime.ts';
import { type BackfillHandler, makeBackfillHandler } from './handler.ts';

/** SQS holds any number; so many are worked off while the workflow waits for room. */
const MOST_WAITING = 100_000;
/** A function that stands by is paid for: the workflow waits instead. */
const PATIENCE_MS = 2_000;

const answer = makeBackfillHandler(awsRuntime('backfill'), { mostWaiting: MOST_WAITING, patienceMs: PATIENCE_MS });

export const handler: BackfillHandler = async (step, context) => {
  try {
    return await answer(step, context);
  } catch (thrown) {
    const { code, message } = asTidemarkError(thrown);
    // By its name the workflow knows an error, and by nothing else.
    throw Object.assign(new Error(message), { name: code });
  }
};
