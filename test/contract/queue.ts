/** The contract of Queue and QueueAdmin, seen through whatever consumes the queue in that place. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queue, QueueAdmin } from '../../lib/ports/queue.ts';

export interface ReceivedMessage {
  readonly messageId: string;
  readonly receipt: string;
  readonly body: string;
  readonly receiveCount: number;
  /** When it was first sent, ms since the epoch. */
  readonly sentAt: number;
}

/** What an event source mapping does, or the host in its place. */
export interface QueueConsumer {
  receive(options: { readonly max: number; readonly visibilitySec: number }): Promise<readonly ReceivedMessage[]>;
  acknowledge(receipts: readonly string[]): Promise<void>;
}

export interface QueueUnderTest {
  readonly queue: Queue;
  readonly admin: QueueAdmin;
  readonly consumer: QueueConsumer;
  /** ms since the epoch by the queue's clock. */
  now(): number;
  /** Lets time pass: a manual clock is moved, a real one is waited for. */
  advance(ms: number): Promise<void>;
  /** What lies in the dead-letter queue, in any order. */
  dead(): Promise<readonly { readonly body: string; readonly reason?: string }[]>;
  dispose(): Promise<void> | void;
}

export interface QueueTraits {
  /** True where the receipt of an older receive has no effect; SQS lets it delete the message. */
  readonly strictReceipts: boolean;
  /** False where the service keeps the age of its oldest message to itself: SQS tells it as a metric alone. @default true */
  readonly tellsAge?: boolean;
}

const VISIBILITY_SEC = 2;
const VISIBILITY_MS = VISIBILITY_SEC * 1000;

/**
 * Declares the suite for one kind of queue.
 * @param factory called before each test: an empty queue with an empty dead-letter queue behind it
 */
export function queueContract(
  name: string,
  factory: (options: { readonly maxReceiveCount: number }) => Promise<QueueUnderTest>,
  traits: QueueTraits,
): void {
  describe(`queue: ${name}`, () => {
    let subject: QueueUnderTest;
    let queue: Queue;
    let consumer: QueueConsumer;
    beforeEach(async () => {
      subject = await factory({ maxReceiveCount: 3 });
      ({ queue, consumer } = subject);
    });
    afterEach(() => subject.dispose());

    const send = (...bodies: readonly string[]): Promise<void> => queue.send(bodies.map((body) => ({ body })));
    const receive = (max = 10): Promise<readonly ReceivedMessage[]> => consumer.receive({ max, visibilitySec: VISIBILITY_SEC });
    const expectStats = (wanted: object): Promise<void> => expect.poll(() => subject.admin.stats()).toMatchObject(wanted);

    /** Receives until `count` messages came: a distributed queue may hand out fewer than it holds. */
    async function receiveAll(count: number): Promise<readonly ReceivedMessage[]> {
      const all: ReceivedMessage[] = [];
      await expect.poll(async () => all.push(...(await receive()))).toBe(count);
      return all;
    }

    async function receiveOne(): Promise<ReceivedMessage> {
      const [message] = await receiveAll(1);
      if (!message) throw new Error('nothing was received');
      return message;
    }

    async function receivePastLimit(): Promise<void> {
      for (let receives = 1; receives <= 3; receives++) {
        expect((await receiveOne()).receiveCount).toBe(receives);
        await subject.advance(VISIBILITY_MS);
      }
      expect(await receive()).toEqual([]);
    }

    const bodies = (messages: readonly { readonly body: string }[]): readonly string[] => messages.map(({ body }) => body).sort();

    describe('delivery', () => {
      it('hands out what was sent, at most ten at a time, each once while it is invisible', async () => {
        const sent = Array.from({ length: 25 }, (_, n) => `message ${n}`);
        const sentAfter = subject.now();
        await send(...sent);

        const first = await receive();
        const rest = await receiveAll(25 - first.length);

        expect(first.length).toBeGreaterThan(0);
        expect(first.length).toBeLessThanOrEqual(10);
        expect(bodies([...first, ...rest])).toEqual([...sent].sort());
        expect(await receive()).toEqual([]);
        const received = [...first, ...rest];
        expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(25);
        expect(received.every(({ receiveCount }) => receiveCount === 1)).toBe(true);
        expect(received.every(({ sentAt }) => sentAt >= sentAfter && sentAt <= subject.now())).toBe(true);
      });

      it('sends nothing when there is nothing to send', async () => {
        await send();

        expect(await receive()).toEqual([]);
      });

      it('keeps bodies of 256 KiB and any text', async () => {
        const sent = ['x'.repeat(256 * 1024), '{"key":"ключ/😀\\u0000\\n"}', ' leading and trailing '];
        for (const body of sent) await send(body);

        expect(bodies(await receiveAll(3))).toEqual([...sent].sort());
      });

      it('delays a message by its seconds', async () => {
        await queue.send([{ body: 'now' }, { body: 'later', delaySec: 2 }]);

        expect(bodies(await receiveAll(1))).toEqual(['now']);
        await subject.advance(2_000);
        expect(bodies((await receiveAll(2)).filter(({ body }) => body === 'later'))).toEqual(['later']);
      });

      it.each([-1, 901])('refuses a delay of %i s, sending nothing', async (delaySec) => {
        await expect(queue.send([{ body: 'good' }, { body: 'bad', delaySec }])).rejects.toMatchObject({ code: 'INVALID_INPUT' });

        expect(await receive()).toEqual([]);
      });
    });

    describe('visibility', () => {
      it('shows a message again when its time is over, counting the receives', async () => {
        await send('m');
        const first = await receiveOne();
        expect(await receive()).toEqual([]);
        await subject.advance(VISIBILITY_MS);

        const second = await receiveOne();

        expect(second).toMatchObject({ messageId: first.messageId, body: 'm', receiveCount: 2, sentAt: first.sentAt });
        expect(second.receipt).not.toBe(first.receipt);
      });

      it('never shows again what was acknowledged', async () => {
        await send('m');
        await consumer.acknowledge([(await receiveOne()).receipt]);
        await subject.advance(VISIBILITY_MS);

        expect(await receive()).toEqual([]);
        await expectStats({ waiting: 0, inFlight: 0 });
      });

      it('shows again only what was not acknowledged of a batch', async () => {
        await send('a', 'b', 'c', 'd');
        const batch = await receiveAll(4);

        await consumer.acknowledge(batch.filter(({ body }) => body === 'a' || body === 'c').map(({ receipt }) => receipt));
        await subject.advance(VISIBILITY_MS);

        expect(bodies(await receiveAll(2))).toEqual(['b', 'd']);
      });

      it('takes an acknowledgement twice', async () => {
        await send('a', 'b');
        const [first] = await receiveAll(2);

        await consumer.acknowledge([first?.receipt ?? '']);
        await consumer.acknowledge([first?.receipt ?? '']);

        await expectStats({ waiting: 0, inFlight: 1 });
      });

      it('makes a delayed message visible at once for 0 s', async () => {
        await send('m');
        const { receipt } = await receiveOne();

        await queue.delay(receipt, 0);

        expect((await receiveOne()).receiveCount).toBe(2);
      });

      it('keeps a delayed message invisible for its seconds, longer than the visibility', async () => {
        await send('m');
        const { receipt } = await receiveOne();

        await queue.delay(receipt, VISIBILITY_SEC + 2);
        await subject.advance(VISIBILITY_MS);

        expect(await receive()).toEqual([]);
        await subject.advance(2_000);
        expect((await receiveOne()).receiveCount).toBe(2);
      });

      it('takes a delay in fractions of a second', async () => {
        await send('m');
        const { receipt } = await receiveOne();

        await queue.delay(receipt, 1.2345678);
        await subject.advance(2_000);

        expect((await receiveOne()).receiveCount).toBe(2);
      });

      if (traits.strictReceipts) {
        it('gives a stale receipt no effect', async () => {
          await send('m');
          const stale = await receiveOne();
          await subject.advance(VISIBILITY_MS);
          const current = await receiveOne();

          await queue.delay(stale.receipt, 0);
          await consumer.acknowledge([stale.receipt]);

          expect(await receive()).toEqual([]);
          await expectStats({ waiting: 0, inFlight: 1 });
          await consumer.acknowledge([current.receipt]);
          await expectStats({ waiting: 0, inFlight: 0 });
        });
      }
    });

    describe('dead letters', () => {
      it('moves a message that was received too often, and not its neighbours', async () => {
        await send('poison');
        await receivePastLimit();

        await expect.poll(async () => bodies(await subject.dead())).toEqual(['poison']);
        await expectStats({ waiting: 0, inFlight: 0, dead: 1 });
        await send('healthy');
        expect((await receiveOne()).body).toBe('healthy');
      });

      it('parks a copy with its reason and leaves the original alone', async () => {
        await send('odd');
        const { receipt } = await receiveOne();

        await queue.park('odd', 'MALFORMED_MESSAGE: not JSON');

        await expect.poll(() => subject.dead()).toMatchObject([{ body: 'odd', reason: 'MALFORMED_MESSAGE: not JSON' }]);
        await expectStats({ inFlight: 1, dead: 1 });
        await consumer.acknowledge([receipt]);
        await expectStats({ inFlight: 0, dead: 1 });
      });

      it('moves all of them back, as if never received', async () => {
        await send('poison');
        await receivePastLimit();
        await queue.park('odd', 'why');
        await expectStats({ dead: 2 });

        const moved = await subject.admin.redrive();

        expect(moved).toBe(2);
        const back = await receiveAll(2);
        expect(bodies(back)).toEqual(['odd', 'poison']);
        expect(back.map(({ receiveCount }) => receiveCount)).toEqual([1, 1]);
        await expectStats({ inFlight: 2, dead: 0 });
      });

      it('has nothing to move back when there is none', async () => {
        expect(await subject.admin.redrive()).toBe(0);
      });
    });

    it('leaves the age of what is retried to the records', async () => {
      await send('poison');
      const [message] = await receive(1);

      await queue.delay(message?.receipt ?? '', 60);

      expect((await subject.admin.stats()).oldestAt).toBeUndefined();
    });

    it('does not count a message as late before its delay is over', async () => {
      await queue.send([{ body: 'later', delaySec: 60 }]);

      expect((await subject.admin.stats()).oldestAt).toBeUndefined();
    });

    it('tells what waits, what is in flight and since when', async () => {
      await expectStats({ waiting: 0, inFlight: 0, dead: 0 });
      expect((await subject.admin.stats()).oldestAt).toBeUndefined();
      const before = subject.now();
      await send('first');
      const after = subject.now();
      await subject.advance(1_000);
      await queue.send([{ body: 'second' }, { body: 'third', delaySec: 60 }]);

      await receive(1);

      await expectStats({ waiting: 1, delayed: 1, inFlight: 1, dead: 0 });
      const { oldestAt } = await subject.admin.stats();
      if (traits.tellsAge === false) return expect(oldestAt).toBeUndefined();
      expect(oldestAt).toBeGreaterThanOrEqual(before);
      expect(oldestAt).toBeLessThanOrEqual(after);
    });
  });
}
