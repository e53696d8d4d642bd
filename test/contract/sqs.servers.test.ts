import { randomBytes } from 'node:crypto';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REASON_ATTRIBUTE, SqsQueue } from '../../lib/adapters/sqs/index.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { TidemarkError } from '../../lib/core/errors.ts';
import { type Emulator, emulatorAvailable, startEmulator } from '../fixtures/emulator.ts';
import { queueContract, type ReceivedMessage } from './queue.ts';

const clock = new SystemClock();
/** The emulator looks at its clock when it is asked: what is due this very moment needs a moment more. */
const MARGIN_MS = 100;

describe.skipIf(!emulatorAvailable())('sqs', () => {
  let emulator: Emulator;
  let client: SQSClient;
  beforeAll(async () => {
    emulator = await startEmulator();
    client = new SQSClient(emulator.client);
  });
  afterAll(async () => {
    client.destroy();
    await emulator.stop();
  });

  async function createQueue(attributes: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = `queue-${randomBytes(6).toString('hex')}`;
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: { ...attributes } }));
    return QueueUrl;
  }

  async function arnOf(queueUrl: string): Promise<string> {
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }));
    return Attributes?.QueueArn ?? '';
  }

  async function receive(queueUrl: string, max: number, visibilitySec: number): Promise<readonly Message[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: max,
        VisibilityTimeout: visibilitySec,
        MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages;
  }

  queueContract(
    'sqs',
    async ({ maxReceiveCount }) => {
      const deadLetterUrl = await createQueue();
      const redrive = { deadLetterTargetArn: await arnOf(deadLetterUrl), maxReceiveCount };
      const queueUrl = await createQueue({ RedrivePolicy: JSON.stringify(redrive) });
      const queue = new SqsQueue({ client, queueUrl, deadLetterUrl, clock });
      const letters = new Map<string, { body: string; reason?: string }>();
      return {
        queue,
        admin: queue,
        consumer: {
          receive: async ({ max, visibilitySec }) => (await receive(queueUrl, max, visibilitySec)).map(receivedOf),
          acknowledge: async (receipts) => {
            const Entries = receipts.map((ReceiptHandle, place) => ({ Id: String(place), ReceiptHandle }));
            await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
          },
        },
        now: () => clock.now(),
        advance: (ms) => clock.sleep(ms + MARGIN_MS),
        dead: async () => {
          // Seen for no time at all, so that they stay where they are.
          for (const { MessageId = '', Body = '', MessageAttributes } of await receive(deadLetterUrl, 10, 0)) {
            const reason = MessageAttributes?.[REASON_ATTRIBUTE]?.StringValue;
            letters.set(MessageId, { body: Body, ...(reason === undefined ? {} : { reason }) });
          }
          return [...letters.values()];
        },
        dispose: async () => {
          for (const QueueUrl of [queueUrl, deadLetterUrl]) await client.send(new DeleteQueueCommand({ QueueUrl }));
        },
      };
    },
    { strictReceipts: false, tellsAge: false },
  );

  describe('beyond the port', () => {
    let events: string;
    let work: string;
    let dead: string;
    let queue: SqsQueue;
    beforeEach(async () => {
      [events, work, dead] = [await createQueue(), await createQueue(), await createQueue()];
      queue = new SqsQueue({ client, queueUrl: work, deadLetterUrl: dead, clock, sources: [events] });
    });

    const sendTo = (queueUrl: string, body: string): Promise<void> => new SqsQueue({ client, queueUrl, deadLetterUrl: dead, clock }).send([{ body }]);
    async function heldIn(queueUrl: string): Promise<string> {
      const [message] = await receive(queueUrl, 1, 600);
      return message?.ReceiptHandle ?? '';
    }

    it.each([
      ['events', () => queue],
      ['work', () => queue],
      ['events', async () => queue.receivedFrom(await arnOf(events))],
      ['work', async () => queue.receivedFrom(await arnOf(work))],
    ] as const)('delays at the queue that the receipt is of: %s', async (name, view) => {
      const url = name === 'events' ? events : work;
      await sendTo(url, 'm');
      const receipt = await heldIn(url);

      await (await view()).delay(receipt, 0);

      expect((await receive(url, 10, 600)).map(({ Body }) => Body)).toEqual(['m']);
    });

    it('lets a receipt go that no queue knows any more', async () => {
      await sendTo(work, 'm');
      const receipt = await heldIn(work);
      await client.send(new DeleteMessageCommand({ QueueUrl: work, ReceiptHandle: receipt }));

      await expect(queue.delay(receipt, 5)).resolves.toBeUndefined();
    });

    it('counts the messages of all its sources', async () => {
      await sendTo(events, 'e');
      await sendTo(work, 'w');

      await expect.poll(() => queue.stats()).toEqual({ waiting: 2, delayed: 0, inFlight: 0, dead: 0 });
    });

    it('counts what SQS gave up as dead, before and after it is recorded', async () => {
      const abandonedUrl = await createQueue();
      const whole = new SqsQueue({ client, queueUrl: work, deadLetterUrl: dead, abandonedUrl, clock });
      await sendTo(abandonedUrl, 'a');
      await whole.park('b', 'why');

      await expect.poll(() => whole.stats()).toEqual({ waiting: 0, delayed: 0, inFlight: 0, dead: 2 });
    });

    it('asks for the age of those alone that hold something', async () => {
      const asked: (readonly string[])[] = [];
      const oldest = {
        sentAt: async (urls: readonly string[]) => {
          asked.push(urls);
          return 17;
        },
      };
      const told = new SqsQueue({ client, queueUrl: work, deadLetterUrl: dead, clock, sources: [events], oldest });
      expect(await told.stats()).not.toHaveProperty('oldestAt');

      await sendTo(events, 'e');

      await expect.poll(() => told.stats()).toMatchObject({ waiting: 1, oldestAt: 17 });
      expect(new Set(asked.flat())).toEqual(new Set([events]));
    });

    it('asks for the age of what it gave up, too, until that is recorded', async () => {
      const abandonedUrl = await createQueue();
      const oldest = { sentAt: async (urls: readonly string[]) => (urls.includes(abandonedUrl) ? 17 : undefined) };
      const told = new SqsQueue({ client, queueUrl: work, deadLetterUrl: dead, abandonedUrl, clock, oldest });
      await told.park('recorded', 'why');
      await expect.poll(() => told.stats()).toEqual({ waiting: 0, delayed: 0, inFlight: 0, dead: 1 });

      await sendTo(abandonedUrl, 'a');

      await expect.poll(() => told.stats()).toMatchObject({ dead: 2, oldestAt: 17 });
    });

    it('tells what it knows where nobody can say how old the oldest is, and why', async () => {
      const unknown = new TidemarkError('UNAVAILABLE', 'no metrics today');
      const told = new SqsQueue({ client, queueUrl: work, deadLetterUrl: dead, clock, oldest: { sentAt: () => Promise.reject(unknown) } });

      await sendTo(work, 'w');

      await expect.poll(() => told.stats()).toEqual({ waiting: 1, delayed: 0, inFlight: 0, dead: 0, oldestUnknown: unknown });
    });

    it('says that a queue is not there', async () => {
      const nowhere = new SqsQueue({ client, queueUrl: `${work}-gone`, deadLetterUrl: dead, clock });

      await expect(nowhere.send([{ body: 'm' }])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });

    it('fills no request with more than SQS takes', async () => {
      const bodies = Array.from({ length: 12 }, (_, n) => `${n} ${'ü'.repeat(50_000)}`);
      const requests: number[] = [];
      client.middlewareStack.add(
        (next) => async (args) => {
          const entries = 'Entries' in args.input ? (args.input.Entries ?? []) : [];
          requests.push(entries.reduce((sum, entry) => sum + ('MessageBody' in entry ? Buffer.byteLength(entry.MessageBody ?? '') : 0), 0));
          return next(args);
        },
        { step: 'initialize', name: 'sizes' },
      );

      await queue.send(bodies.map((body) => ({ body })));

      client.middlewareStack.remove('sizes');
      expect(requests.length).toBeGreaterThan(1);
      expect(Math.max(...requests)).toBeLessThanOrEqual(256 * 1024);
      await expect.poll(() => queue.stats()).toMatchObject({ waiting: 12 });
    });

    it('keeps characters that SQS refuses, in JSON', async () => {
      const key = 'a\uFFFEb\uFFFFc\u0007\u{1F600}';

      await queue.send([{ body: JSON.stringify({ key }) }]);

      const [message] = await receive(work, 1, 600);
      expect(message?.Body).not.toMatch(/[\uFFFE\uFFFF]/);
      expect(JSON.parse(message?.Body ?? '')).toEqual({ key });
    });
  });
});

function receivedOf({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} }: Message): ReceivedMessage {
  const { ApproximateReceiveCount, SentTimestamp } = Attributes;
  return { messageId: MessageId, receipt: ReceiptHandle, body: Body, receiveCount: Number(ApproximateReceiveCount), sentAt: Number(SentTimestamp) };
}
