/** Consumes the queue: a batch of store notifications and looks, each message answered for by itself. */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { asTidemarkError } from '../../lib/core/errors.ts';
import { DEFAULT_RETRY, type RetryPolicy } from '../../lib/core/retry.ts';
import { tallyBackfills, WatchedQueue } from '../../lib/usecases/backfill/tally.ts';
import { checkSources } from '../../lib/usecases/check-source.ts';
import { type BatchResult, replayMessages } from '../../lib/usecases/replay-messages.ts';
import { withMaxRetries } from '../../lib/usecases/run-replay.ts';
import { countCodes } from '../shared/count-codes.ts';
import type { Log } from '../shared/log.ts';
import type { Runtime } from '../shared/runtime.ts';
import { batchAnswer, incomingMessages } from '../shared/sqs.ts';

export type ReplayHandler = (event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<SQSBatchResponse>;

/** For the answer itself and what is under way when the time is over. */
const MARGIN_MS = 3_000;

/** @returns a handler that never throws for what a message holds: bad ones are recorded and parked, their neighbours flow. */
export const makeReplayHandler = (runtime: Runtime): ReplayHandler => {
  const { clock, config, log } = runtime;
  const retry: RetryPolicy = withMaxRetries(DEFAULT_RETRY, config.limits.maxRetries);
  const leaseMs = config.limits.leaseSec * 1000;
  return async (event, context) => {
    const messages = incomingMessages(event);
    const timeLeft = Math.min(config.limits.lookSec * 1000, context.getRemainingTimeInMillis() - MARGIN_MS);
    const queue = new WatchedQueue(runtime.queue);
    const result = await replayMessages({ ...runtime, queue }, messages, { deadline: clock.now() + timeLeft, leaseMs, retry });
    await tallyBackfills(runtime.tally, messages, result.failed, queue).catch((error: unknown) => {
      log.warn('a batch of a backfill was done and not counted', { error: asTidemarkError(error).message });
    });
    logBatch(log, messages.length, result);
    // Said while it is so: a bucket that is made anew must not find the deletes of the former one flowing.
    if (result.problems.some(({ code }) => code === 'BUCKET_MISSING')) await checkSources(runtime);
    return batchAnswer(result.failed);
  };
};

/** One line a batch, and no keys: they may tell what is none of a log's business. The records hold them. */
function logBatch(log: Log, messages: number, result: BatchResult): void {
  const { done, superseded, retried, errors, skipped, problems } = result;
  const counts = { messages, done, superseded, retried, errors, skipped };
  // One that waits its turn is none.
  if (problems.every(({ code }) => code === 'KEY_BUSY')) log.debug('batch replayed', counts);
  else log.warn('batch replayed with problems', { ...counts, codes: countCodes(problems) });
}
