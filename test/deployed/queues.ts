/** The queues of a pair, as an operator reads them and as S3 fills them. */
import { GetQueueAttributesCommand, GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Pair } from './client.ts';

export interface DeadLetter {
  readonly body: string;
  /** Why it lies there. */
  readonly reason: string;
}

/** What lies in the dead-letter queue, ten at most; it stays there. */
export async function deadLetters(pair: Pair): Promise<readonly DeadLetter[]> {
  const asked = { QueueUrl: pair.output('DeadLetterUrl'), MaxNumberOfMessages: 10, VisibilityTimeout: 0, MessageAttributeNames: ['All'] };
  const { Messages = [] } = await pair.sqs.send(new ReceiveMessageCommand(asked));
  return Messages.map(({ Body = '', MessageAttributes = {} }) => ({ body: Body, reason: MessageAttributes.reason?.StringValue ?? '' }));
}

/** Where SQS itself moves what a queue gave up: no output of the stack, since nobody else sends there. */
export async function abandonedQueueUrl(pair: Pair): Promise<string> {
  const asked = { QueueUrl: pair.output('EventsQueueUrl'), AttributeNames: ['RedrivePolicy' as const] };
  const { Attributes } = await pair.sqs.send(new GetQueueAttributesCommand(asked));
  const { deadLetterTargetArn }: { deadLetterTargetArn: string } = JSON.parse(Attributes?.RedrivePolicy ?? '{}');
  const { QueueUrl } = await pair.sqs.send(new GetQueueUrlCommand({ QueueName: deadLetterTargetArn.split(':').at(-1) }));
  return QueueUrl ?? '';
}

export async function send(pair: Pair, QueueUrl: string, body: string): Promise<void> {
  await pair.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
}

/** As S3 writes it. @param key encoded @param changed in place of what a good one has */
export function notification(bucket: string, key: string, changed: Readonly<Record<string, unknown>> = {}): string {
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-west-1',
    eventTime: new Date().toISOString(),
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: bucket }, object: { key } },
    ...changed,
  };
  return JSON.stringify({ Records: [record] });
}
