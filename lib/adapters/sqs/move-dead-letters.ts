import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
  SQSServiceException,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../../ports/system.ts';
import { sendBatches } from './send-batches.ts';

const PAGE = 10;
/** For sending and deleting one page. */
const HELD_SEC = 30;

/** A store that has no such tasks, or one that is busy with one: only one may run at a time. */
const NO_TASK: ReadonlySet<string> = new Set([
  'UnsupportedOperation',
  'InvalidAction',
  'AWS.SimpleQueueService.UnsupportedOperation',
  'UnknownOperationException',
]);

/**
 * Has SQS move what lies in one queue to another. The destination is named, since what was parked came from no queue by SQS's own
 * doing, and could not be moved back there. Where SQS refuses, the messages are moved from here, one page after another.
 */
export async function moveDeadLetters(client: SQSClient, clock: Clock, from: string, to: string, count: number): Promise<number> {
  try {
    const [SourceArn, DestinationArn] = await Promise.all([arnOf(client, from), arnOf(client, to)]);
    await client.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn }));
    return count;
  } catch (error) {
    if (!(error instanceof SQSServiceException) || !NO_TASK.has(error.name)) throw error;
    return moveByHand(client, clock, from, to, count);
  }
}

/** At most as many as there were at first: what dies while it runs stays dead, so that it ends. */
async function moveByHand(client: SQSClient, clock: Clock, from: string, to: string, count: number): Promise<number> {
  let moved = 0;
  while (moved < count) {
    const page = { QueueUrl: from, MaxNumberOfMessages: PAGE, VisibilityTimeout: HELD_SEC, WaitTimeSeconds: 1 };
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(page));
    if (Messages.length === 0) break;
    await sendBatches(
      client,
      clock,
      to,
      Messages.map(({ Body = '' }) => ({ body: Body })),
    );
    // Sent before they are deleted: a crash between the two leaves duplicates, never a loss.
    const Entries = Messages.map(({ ReceiptHandle }, place) => ({ Id: String(place), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: from, Entries }));
    moved += Messages.length;
  }
  return moved;
}

async function arnOf(client: SQSClient, queueUrl: string): Promise<string | undefined> {
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }));
  return Attributes?.QueueArn;
}
