import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import { TidemarkError } from '../../core/errors.ts';
import type { OutgoingMessage } from '../../ports/queue.ts';
import type { Clock } from '../../ports/system.ts';
import { asAwsFailure } from '../aws/failures.ts';
import { sendable } from './text.ts';

const BATCH_MESSAGES = 10;
/** For all bodies of a batch together; SQS takes more by now, its look-alikes need not. */
const BATCH_BYTES = 256 * 1024;
const BATCHES_AT_ONCE = 8;
const TRIES = 4;
const PAUSE_MS = 100;

type Batch = readonly OutgoingMessage[];

/**
 * Sends all of them. When it throws, some may have been sent: whoever sends them again sends duplicates, which do no harm.
 * @throws TidemarkError THROTTLED, UNAVAILABLE, ACCESS_DENIED or REJECTED
 */
export async function sendBatches(client: SQSClient, clock: Clock, queueUrl: string, messages: readonly OutgoingMessage[]): Promise<void> {
  const batches = batchesOf(messages.map((message) => ({ ...message, body: sendable(message.body) })));
  const next = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) await sendBatch(client, clock, queueUrl, batch);
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, next));
}

async function sendBatch(client: SQSClient, clock: Clock, queueUrl: string, batch: Batch): Promise<void> {
  let entries = batch.map(entryOf);
  for (let tries = 1; ; tries++) {
    const failed = await attempt(client, queueUrl, entries);
    if (failed.length === 0) return;
    const [first] = failed;
    if (tries === TRIES || failed.some(({ SenderFault }) => SenderFault)) {
      const code = first?.SenderFault ? 'REJECTED' : 'UNAVAILABLE';
      const message = `${failed.length} of ${entries.length} messages were not taken by ${queueUrl}: ${first?.Code ?? ''} ${first?.Message ?? ''}`;
      throw new TidemarkError(code, message, { queueUrl, failed: failed.length });
    }
    const ids = new Set(failed.map(({ Id }) => Id));
    entries = entries.filter(({ Id }) => ids.has(Id));
    await clock.sleep(PAUSE_MS * 2 ** tries);
  }
}

async function attempt(client: SQSClient, queueUrl: string, entries: SendMessageBatchRequestEntry[]) {
  try {
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    return Failed;
  } catch (error) {
    throw asAwsFailure(error, `SendMessageBatch to ${queueUrl}`);
  }
}

function entryOf({ body, delaySec = 0 }: OutgoingMessage, place: number): SendMessageBatchRequestEntry {
  return { Id: String(place), MessageBody: body, ...(delaySec === 0 ? {} : { DelaySeconds: Math.ceil(delaySec) }) };
}

function batchesOf(messages: readonly OutgoingMessage[]): Batch[] {
  const batches: OutgoingMessage[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    const batch = batches.at(-1);
    if (batch && batch.length < BATCH_MESSAGES && bytes + size <= BATCH_BYTES) {
      batch.push(message);
      bytes += size;
    } else {
      batches.push([message]);
      bytes = size;
    }
  }
  return batches;
}
