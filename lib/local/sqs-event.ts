/** Messages of the embedded queue in the shape that SQS hands to a Lambda function. */
import { hash } from 'node:crypto';
import type { SQSEvent, SQSRecord } from 'aws-lambda';

export interface QueuedMessage {
  readonly messageId: string;
  readonly receipt: string;
  readonly body: string;
  /** This receive included. */
  readonly receiveCount: number;
  /** ms since the epoch. */
  readonly sentAt: number;
}

/** Stands where AWS names the queue; no handler may depend on more than that it tells one queue from another. */
export type QueueName = 'replay' | 'replay-dead-letters';

export function sqsEvent(queue: QueueName, messages: readonly QueuedMessage[], receivedAt: number): SQSEvent {
  return { Records: messages.map((message) => sqsRecord(queue, message, receivedAt)) };
}

function sqsRecord(queue: QueueName, { messageId, receipt, body, receiveCount, sentAt }: QueuedMessage, receivedAt: number): SQSRecord {
  return {
    messageId,
    receiptHandle: receipt,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: String(sentAt),
      SenderId: 'tidemark',
      ApproximateFirstReceiveTimestamp: String(receivedAt),
    },
    messageAttributes: {},
    md5OfBody: hash('md5', body),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:local:000000000000:${queue}`,
    awsRegion: 'local',
  };
}
