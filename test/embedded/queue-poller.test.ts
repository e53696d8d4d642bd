import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type SqliteDatabase } from '../../lib/adapters/sqlite/database.ts';
import { SqliteQueue } from '../../lib/adapters/sqlite/queue.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { recordDeadLetters } from '../../lib/local/dead-letter-poller.ts';
import { QueuePoller, RECEIVE_MAX, type SqsHandler } from '../../lib/local/queue-poller.ts';

const clock = new SystemClock();
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const NEVER = new AbortController().signal;

let database: SqliteDatabase;
let queue: SqliteQueue;
let poller: QueuePoller;

beforeEach(() => {
  database = openDatabase(':memory:');
  queue = new SqliteQueue(database, { clock, maxBatch: RECEIVE_MAX, maxReceiveCount: 3 });
});

afterEach(async () => {
  await poller?.stop(AbortSignal.abort());
  database.close();
});

function poll(handler: SqsHandler, concurrency = 256): void {
  poller = new QueuePoller({ queue, handler, clock, log, concurrency, lookSec: 60 });
  poller.start();
}

const send = (count: number): Promise<void> => queue.send(Array.from({ length: count }, (_, n) => ({ body: `message ${n}` })));
const left = async (): Promise<number> => {
  const { waiting, inFlight } = await queue.stats();
  return waiting + inFlight;
};

/** A handler that holds every batch until it is let go. */
function holding(): { readonly handler: SqsHandler; readonly held: SQSEvent[]; letGo(): void } {
  const held: SQSEvent[] = [];
  const gate = Promise.withResolvers<void>();
  const handler: SqsHandler = async (event) => {
    held.push(event);
    await gate.promise;
    return { batchItemFailures: [] };
  };
  return { handler, held, letGo: () => gate.resolve() };
}

describe('the poller', () => {
  it('hands over batches of at most 10 in the shape of SQS, and acknowledges them', async () => {
    const events: SQSEvent[] = [];
    await send(25);
    poll(async (event) => {
      events.push(event);
      return { batchItemFailures: [] };
    });

    await expect.poll(left).toBe(0);

    expect(events.map(({ Records }) => Records.length)).toEqual([10, 10, 5]);
    expect(events.flatMap(({ Records }) => Records.map(({ body }) => body)).sort()).toEqual(
      Array.from({ length: 25 }, (_, n) => `message ${n}`).sort(),
    );
    expect(events[0]?.Records[0]).toMatchObject({
      messageId: expect.any(String),
      receiptHandle: expect.any(String),
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) },
      eventSource: 'aws:sqs',
      eventSourceARN: expect.stringMatching(/^arn:aws:sqs:/),
    });
  });

  it('keeps what the handler named as failed, and acknowledges its neighbours', async () => {
    await send(10);
    poll(async ({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === 'message 3').map(({ messageId }) => ({ itemIdentifier: messageId })),
    }));

    await expect.poll(left).toBe(1);

    expect(await queue.stats()).toMatchObject({ inFlight: 1, waiting: 0 });
  });

  it('keeps all of a batch whose handler throws, and goes on with the next', async () => {
    await send(20);
    let calls = 0;
    poll(async () => {
      if (calls++ === 0) throw new Error('the first one dies');
      return { batchItemFailures: [] };
    });

    await expect.poll(left).toBe(10);

    expect((await queue.stats()).inFlight).toBe(10);
  });

  it('keeps several batches in flight, and never more messages than it may', async () => {
    await send(100);
    const { handler, held, letGo } = holding();
    poll(handler, 40);
    await expect.poll(() => held.length).toBe(4);

    expect(await queue.stats()).toMatchObject({ inFlight: 40, waiting: 60 });

    letGo();
    await expect.poll(left).toBe(0);
    expect(held).toHaveLength(10);
  });

  it('works one by one where it may have one in flight', async () => {
    await send(5);
    const sizes: number[] = [];
    poll(async ({ Records }) => {
      sizes.push(Records.length);
      return { batchItemFailures: [] };
    }, 1);

    await expect.poll(left).toBe(0);

    expect(sizes).toEqual([1, 1, 1, 1, 1]);
  });

  it('waits for handlers in flight when it stops, and takes nothing new', async () => {
    await send(30);
    const { handler, held, letGo } = holding();
    poll(handler, 20);
    await expect.poll(() => held.length).toBe(2);

    const stopping = poller.stop(NEVER);
    letGo();
    await stopping;

    expect(held).toHaveLength(2);
    expect(await queue.stats()).toMatchObject({ inFlight: 0, waiting: 10 });
  });

  it('gives back what its handlers still hold when its time is over', async () => {
    await send(30);
    const { handler, held } = holding();
    poll(handler, 20);
    await expect.poll(() => held.length).toBe(2);

    await poller.stop(AbortSignal.abort());

    expect(await queue.stats()).toMatchObject({ inFlight: 0, waiting: 30 });
    expect(await queue.receive({ max: 10, visibilitySec: 1 })).toHaveLength(10);
  });
});

describe('dead letters', () => {
  /** Received as often as they may be, without being acknowledged. */
  async function bury(count: number): Promise<void> {
    await send(count);
    for (let receive = 0; receive < 3; receive++) {
      const messages = await queue.receive({ max: 100, visibilitySec: 60 });
      await Promise.all(messages.map(({ receipt }) => queue.delay(receipt, 0)));
    }
    expect(await queue.receive({ max: 10, visibilitySec: 60 })).toEqual([]);
  }

  it('are handed over once each, and those that the handler names as failed once more', async () => {
    await bury(25);
    const bodies: string[] = [];
    const handler: SqsHandler = async ({ Records }) => {
      const unlucky = bodies.length === 0 ? Records.slice(0, 1) : [];
      bodies.push(...Records.map(({ body }) => body));
      return { batchItemFailures: unlucky.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    };

    const recorded = await recordDeadLetters({ queue, handler, clock, log }, NEVER);
    await queue.releaseInFlight();
    const again = await recordDeadLetters({ queue, handler, clock, log }, NEVER);

    expect([recorded, again]).toEqual([24, 1]);
    expect(new Set(bodies).size).toBe(25);
    expect(bodies).toHaveLength(26);
    expect((await queue.stats()).dead).toBe(0);
  });

  it('that could not be recorded stay to be recorded', async () => {
    await bury(3);
    const failing: SqsHandler = async () => {
      throw new Error('the table does not answer');
    };

    expect(await recordDeadLetters({ queue, handler: failing, clock, log }, NEVER)).toBe(0);

    // As the next start does it, so that the test need not wait for the visibility timeout.
    await queue.releaseInFlight();
    expect(await recordDeadLetters({ queue, handler: async () => ({ batchItemFailures: [] }), clock, log }, NEVER)).toBe(3);
  });
});
