/** Brings what the queue gave up to the handler that records it: nothing in a dead-letter queue is the only copy of a fact (A10). */
import type { Log } from '../../lambdas/shared/log.ts';
import type { SqliteQueue } from '../adapters/sqlite/queue.ts';
import { asTidemarkError } from '../core/errors.ts';
import type { Clock } from '../ports/system.ts';
import { lambdaContext } from './lambda-context.ts';
import type { SqsHandler } from './queue-poller.ts';
import { sqsEvent } from './sqs-event.ts';

export interface DeadLetterPollerOptions {
  readonly queue: Pick<SqliteQueue, 'receiveDead' | 'acknowledgeDead'>;
  readonly handler: SqsHandler;
  readonly clock: Clock;
  readonly log: Log;
}

const BATCH = 10;
const VISIBILITY_SEC = 60;
const TIME_LIMIT_MS = 30_000;

/**
 * Records every dead letter that no record tells of. What fails is received again once its visibility timeout is over.
 * @returns how many were recorded
 */
export async function recordDeadLetters({ queue, handler, clock, log }: DeadLetterPollerOptions, signal: AbortSignal): Promise<number> {
  let recorded = 0;
  while (!signal.aborted) {
    const letters = await queue.receiveDead({ max: BATCH, visibilitySec: VISIBILITY_SEC });
    if (letters.length === 0) break;
    try {
      const answer = await handler(sqsEvent('replay-dead-letters', letters, clock.now()), lambdaContext('dead-letters', TIME_LIMIT_MS));
      const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      const done = letters.filter(({ messageId }) => !failed.has(messageId));
      await queue.acknowledgeDead(done.map(({ receipt }) => receipt));
      recorded += done.length;
    } catch (error) {
      log.error('dead letters were not recorded; they come back', { error: asTidemarkError(error).message, messages: letters.length });
    }
  }
  return recorded;
}
