import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type SQSClient,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import { asTidemarkError, TidemarkError } from '../../core/errors.ts';
import type { OutgoingMessage, Queue, QueueAdmin, QueueStats } from '../../ports/queue.ts';
import type { Clock } from '../../ports/system.ts';
import { asAwsFailure } from '../aws/failures.ts';
import { moveDeadLetters } from './move-dead-letters.ts';
import { sendBatches } from './send-batches.ts';
import { sendable } from './text.ts';

export interface SqsQueueOptions {
  readonly client: SQSClient;
  /** Where `send` puts messages, and a redrive dead letters. */
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
  /** What SQS gave up and no record tells of yet: dead letters to be. */
  readonly abandonedUrl?: string;
  readonly clock: Clock;
  /** Every queue whose messages are received: they count, and receipts are theirs. @default queueUrl alone */
  readonly sources?: readonly string[];
  /** Tells when the oldest message of these queues was sent, ms since the epoch: SQS itself does not. */
  readonly oldest?: { sentAt(queueUrls: readonly string[]): Promise<number | undefined> };
}

/** The message attribute that says why a message was parked. */
export const REASON_ATTRIBUTE = 'reason';

const MAX_DELAY_SEC = 900;
const MAX_VISIBILITY_SEC = 43_200;
const MAX_REASON_LENGTH = 1_000;

/** Of another queue, or of a message that is no longer in flight: there is nothing to delay. */
const NOT_IN_FLIGHT: ReadonlySet<string> = new Set([
  'ReceiptHandleIsInvalid',
  'MessageNotInflight',
  'InvalidParameterValue',
  'InvalidParameterValueException',
]);

/**
 * SQS, with a dead-letter queue of its own. What the service does not tell: the age of the oldest message (it is a vended metric,
 * see `oldest`), and whether an invisible message is being worked on or was given back for later (both count as in flight).
 */
export class SqsQueue implements Queue, QueueAdmin {
  /** SQS gives out nothing more once 120,000 of a queue are in flight: an outage of one route must not bring that about for all. */
  readonly holdSec = 60;
  readonly #options: SqsQueueOptions;
  readonly #client: SQSClient;
  readonly #sources: readonly string[];

  constructor(options: SqsQueueOptions) {
    const { client, queueUrl, sources = [] } = options;
    this.#options = options;
    this.#client = client;
    this.#sources = [...new Set([...sources, queueUrl])];
  }

  /**
   * The same, for a batch whose source is known: its receipts are tried there first.
   * @param eventSourceArn as the batch's records name it
   */
  receivedFrom(eventSourceArn: string): SqsQueue {
    const name = eventSourceArn.split(':').at(-1);
    const isIt = (url: string): boolean => url.split('/').at(-1) === name;
    return new SqsQueue({ ...this.#options, sources: [...this.#sources.filter(isIt), ...this.#sources.filter((url) => !isIt(url))] });
  }

  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const { delaySec = 0 } of messages) requireBetween('delaySec', delaySec, 0, MAX_DELAY_SEC);
    await sendBatches(this.#client, this.#options.clock, this.#options.queueUrl, messages);
  }

  /** A receipt does not name its queue: each source is asked until one knows it. Whole seconds, rounded up. */
  async delay(receipt: string, seconds: number): Promise<void> {
    requireBetween('seconds', seconds, 0, MAX_VISIBILITY_SEC);
    for (const QueueUrl of this.#sources) {
      try {
        await this.#client.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl,
            ReceiptHandle: receipt,
            VisibilityTimeout: Math.min(MAX_VISIBILITY_SEC, Math.ceil(seconds)),
          }),
        );
        return;
      } catch (error) {
        if (!(error instanceof SQSServiceException) || !NOT_IN_FLIGHT.has(error.name))
          throw asAwsFailure(error, `ChangeMessageVisibility at ${QueueUrl}`);
      }
    }
  }

  async park(body: string, reason: string): Promise<void> {
    const { deadLetterUrl } = this.#options;
    const told = sendable(reason).slice(0, MAX_REASON_LENGTH) || 'no reason was given';
    const MessageAttributes = { [REASON_ATTRIBUTE]: { DataType: 'String', StringValue: told } };
    await asked(`SendMessage to ${deadLetterUrl}`, () =>
      this.#client.send(new SendMessageCommand({ QueueUrl: deadLetterUrl, MessageBody: sendable(body), MessageAttributes })),
    );
  }

  /** As SQS counts: approximately, and some seconds late. */
  async stats(): Promise<QueueStats> {
    const { deadLetterUrl, abandonedUrl } = this.#options;
    const graves = abandonedUrl === undefined ? [deadLetterUrl] : [deadLetterUrl, abandonedUrl];
    const [live, dead] = await Promise.all([this.#countAll(this.#sources), this.#countAll(graves)]);
    const busy = this.#sources.filter((_, place) => held(live[place]) > 0);
    if (abandonedUrl !== undefined && held(dead[1]) > 0) busy.push(abandonedUrl);
    return {
      waiting: sum(live, ({ visible }) => visible),
      delayed: sum(live, ({ delayed }) => delayed),
      inFlight: sum(live, ({ invisible }) => invisible),
      dead: sum(dead, ({ visible, invisible, delayed }) => visible + invisible + delayed),
      ...(busy.length === 0 ? {} : await this.#oldestOf(busy)),
    };
  }

  /** Metrics that are not answered must not take with them what SQS itself tells. */
  async #oldestOf(queueUrls: readonly string[]): Promise<Pick<QueueStats, 'oldestAt' | 'oldestUnknown'>> {
    try {
      const oldestAt = await this.#options.oldest?.sentAt(queueUrls);
      return oldestAt === undefined ? {} : { oldestAt };
    } catch (error) {
      return { oldestUnknown: asTidemarkError(error) };
    }
  }

  /** SQS moves them by itself, after this has answered: how many is what the queue says it holds. */
  async redrive(): Promise<number> {
    const { clock, deadLetterUrl, queueUrl } = this.#options;
    const { visible, invisible } = await this.#count(deadLetterUrl);
    if (visible + invisible === 0) return 0;
    return asked(`redrive of ${deadLetterUrl}`, () => moveDeadLetters(this.#client, clock, deadLetterUrl, queueUrl, visible + invisible));
  }

  #countAll(queueUrls: readonly string[]): Promise<readonly Count[]> {
    return Promise.all(queueUrls.map((url) => this.#count(url)));
  }

  async #count(QueueUrl: string): Promise<Count> {
    const { Attributes = {} } = await asked(`GetQueueAttributes of ${QueueUrl}`, () =>
      this.#client.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'],
        }),
      ),
    );
    return {
      visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
      invisible: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
    };
  }
}

interface Count {
  readonly visible: number;
  readonly invisible: number;
  readonly delayed: number;
}

function held(count: Count | undefined): number {
  return (count?.visible ?? 0) + (count?.invisible ?? 0);
}

function sum(counts: readonly Count[], of: (count: Count) => number): number {
  return counts.reduce((total, count) => total + of(count), 0);
}

async function asked<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw asAwsFailure(error, what);
  }
}

function requireBetween(field: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return;
  throw new TidemarkError('INVALID_INPUT', `${field}: expected ${min} to ${max}, got ${value}`, { field, value, min, max });
}
