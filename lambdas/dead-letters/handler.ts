/** Watches the dead-letter queue: what the queue gave up becomes a visible error, so that its message is never the only copy of a fact (A10). */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { DEFAULT_RETRY } from '../../lib/core/retry.ts';
import { recordDeadLetters } from '../../lib/usecases/record-dead-letters.ts';
import { countCodes } from '../shared/count-codes.ts';
import type { Runtime } from '../shared/runtime.ts';
import { batchAnswer, incomingMessages } from '../shared/sqs.ts';

export type DeadLetterHandler = (event: SQSEvent, context?: Context) => Promise<SQSBatchResponse>;

/**
 * Every message is answered as failed although it was recorded: an acknowledged one would leave the dead-letter queue, and with it
 * the bytes that a redrive moves back and a person wants to read. Recording is idempotent, so being received again costs a read.
 * It resolves when all were recorded, and throws when one was not: a host that marks letters as recorded does so on an answer alone.
 * @throws AggregateError of TidemarkErrors when a letter could not be recorded; it is received again
 */
export const makeDeadLetterHandler = (runtime: Runtime): DeadLetterHandler => {
  const { log } = runtime;
  return async (event) => {
    const messages = incomingMessages(event);
    const { recorded, unreadable, known, failures } = await recordDeadLetters(runtime, messages, DEFAULT_RETRY);
    const counts = { messages: messages.length, recorded, unreadable, known };
    if (failures.length > 0) {
      log.error('dead letters were not recorded; they are received again', { ...counts, codes: countCodes(failures) });
      throw new AggregateError(failures, `${failures.length} of ${messages.length} dead letters were not recorded`);
    }
    if (recorded + unreadable > 0) log.warn('dead letters recorded', counts);
    return batchAnswer(messages.map(({ messageId }) => messageId));
  };
};
