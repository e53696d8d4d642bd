/** Takes what the queues gave up: it becomes a visible error, so that its message is never the only copy of a fact (A10), and rests as a dead letter. */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { DEFAULT_RETRY } from '../../lib/core/retry.ts';
import { recordDeadLetters } from '../../lib/usecases/record-dead-letters.ts';
import { countCodes } from '../shared/count-codes.ts';
import type { Runtime } from '../shared/runtime.ts';
import { batchAnswer, incomingMessages } from '../shared/sqs.ts';

export type DeadLetterHandler = (event: SQSEvent, context?: Context) => Promise<SQSBatchResponse>;

/** @returns a handler that never throws for what a message holds; what could not be recorded is received again. */
export const makeDeadLetterHandler = (runtime: Runtime): DeadLetterHandler => {
  const { log } = runtime;
  return async (event) => {
    const messages = incomingMessages(event);
    const { recorded, unreadable, known, failed } = await recordDeadLetters(runtime, messages, DEFAULT_RETRY);
    const counts = { messages: messages.length, recorded, unreadable, known };
    if (failed.size > 0) log.error('dead letters were not recorded; they are received again', { ...counts, codes: countCodes([...failed.values()]) });
    else if (recorded + unreadable > 0) log.warn('dead letters recorded', counts);
    return batchAnswer([...failed.keys()]);
  };
};
