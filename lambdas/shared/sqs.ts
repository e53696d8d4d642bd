/** SQS's batch shape to and from the use-cases' own. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import type { IncomingMessage } from '../../lib/usecases/replay-messages.ts';

const record = z.object({
  messageId: z.string().min(1),
  receiptHandle: z.string(),
  body: z.string(),
  attributes: z.object({ ApproximateReceiveCount: z.string(), SentTimestamp: z.optional(z.string()) }),
});

/**
 * A record that is none of SQS's is left out when it has no id to answer by; otherwise its gaps are filled,
 * so that its neighbours are served and it ends as a recorded, unreadable message.
 */
export function incomingMessages(event: SQSEvent): readonly IncomingMessage[] {
  const records: readonly unknown[] = Array.isArray(event.Records) ? event.Records : [];
  return records.flatMap((each): IncomingMessage[] => {
    const parsed = record.safeParse(each);
    if (!parsed.success) return salvage(each);
    const { messageId, receiptHandle, body, attributes } = parsed.data;
    const sentAt = Number(attributes.SentTimestamp);
    return [
      {
        messageId,
        receipt: receiptHandle,
        body,
        receiveCount: Math.max(1, Math.trunc(Number(attributes.ApproximateReceiveCount)) || 1),
        ...(attributes.SentTimestamp !== undefined && Number.isSafeInteger(sentAt) ? { sentAt } : {}),
      },
    ];
  });
}

const identified = z.object({ messageId: z.string().min(1), receiptHandle: z.catch(z.string(), ''), body: z.catch(z.string(), '') });

function salvage(value: unknown): IncomingMessage[] {
  const parsed = identified.safeParse(value);
  if (!parsed.success) return [];
  const { messageId, receiptHandle, body } = parsed.data;
  return [{ messageId, receipt: receiptHandle, body, receiveCount: 1 }];
}

export function batchAnswer(failed: readonly string[]): SQSBatchResponse {
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
