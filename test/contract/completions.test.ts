import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventBridgeCompletions } from '../../lib/adapters/eventbridge/index.ts';
import { openDatabase } from '../../lib/adapters/sqlite/database.ts';
import { SqliteOutbox } from '../../lib/adapters/sqlite/outbox.ts';
import { WebhookSender } from '../../lib/adapters/webhook/sender.ts';
import { webhookSecret } from '../../lib/adapters/webhook/sign.ts';
import { type Receiver, startReceiver } from '../fixtures/receiver.ts';
import { completionEvent, completionsContract } from './completions.ts';
import { ManualClock } from './manual-clock.ts';

async function open(): Promise<{ receiver: Receiver; outbox: SqliteOutbox; sender: WebhookSender; clock: ManualClock; close: () => void }> {
  const receiver = await startReceiver();
  // The receiver refuses what is signed for another time than its own.
  const clock = new ManualClock(Date.now());
  const database = openDatabase(':memory:');
  const outbox = new SqliteOutbox(database, clock);
  const secret = webhookSecret(receiver.secret, 'HOOK_SECRET');
  const sender = new WebhookSender({ url: receiver.url, secret, outbox, clock, ids: { random: () => 0.5 } });
  return { receiver, outbox, sender, clock, close: () => database.close() };
}

const forever = new AbortController().signal;

completionsContract('webhook', async () => {
  const { receiver, outbox, sender, close } = await open();
  return {
    completions: outbox,
    received: async () => {
      await sender.sendDue(forever);
      expect(receiver.forged).toEqual([]);
      return receiver.received.map(({ type, data }) => ({ type, data }));
    },
    breakOff: async () => close(),
    dispose: async () => {
      close();
      await receiver.stop();
    },
  };
});

describe('a webhook', () => {
  let hook: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    hook = await open();
  });
  afterEach(async () => {
    hook.close();
    await hook.receiver.stop();
  });

  it('that hangs does not make the outbox grow without end: the oldest are given up, and kept for people', async () => {
    const { receiver, sender, clock } = hook;
    const database = openDatabase(':memory:');
    const outbox = new SqliteOutbox(database, clock, 3);
    const few = new WebhookSender({ url: receiver.url, secret: webhookSecret(receiver.secret, 'S'), outbox, clock, ids: { random: () => 0.5 } });
    expect(await sender.sendDue(forever)).toMatchObject({ dead: 0 });
    for (let n = 1; n <= 5; n++) await outbox.tell([completionEvent(n)]);

    expect(await few.sendDue(forever)).toMatchObject({ sent: 3, dead: 2 });
    expect(await outbox.stats()).toEqual({ waiting: 0, dead: 2 });
    // Sent at once: they come in any order.
    expect(new Set(receiver.received.map(({ data }) => data))).toEqual(new Set([3, 4, 5].map((n) => completionEvent(n).detail)));
    database.close();
  });

  it('that refuses is asked again, each time after longer, and is told everything in the end', async () => {
    const { receiver, outbox, sender, clock } = hook;
    // A redirect is a refusal: what is signed for one place goes nowhere else.
    receiver.refusals.push(500, 302, 429);
    await outbox.tell([completionEvent(1)]);

    expect(await sender.sendDue(forever)).toMatchObject({ sent: 0, failed: 1, dead: 0, reason: 'it answered 500' });
    expect(await sender.sendDue(forever)).toMatchObject({ sent: 0, failed: 0 });
    clock.advance(500);
    expect(await sender.sendDue(forever)).toMatchObject({ failed: 1, reason: 'it answered 302' });
    clock.advance(1_000);
    expect(await sender.sendDue(forever)).toMatchObject({ failed: 1, reason: 'it answered 429' });
    clock.advance(1_999);
    expect(await sender.sendDue(forever)).toMatchObject({ sent: 0, failed: 0 });
    clock.advance(1);
    expect(await sender.sendDue(forever)).toMatchObject({ sent: 1, failed: 0 });
    expect(receiver.received.map(({ id }) => id)).toEqual(['a-b.1.aw.done']);
    expect(receiver.asked).toBe(4);
    expect(await outbox.stats()).toEqual({ waiting: 0, dead: 0 });
  });

  it('that refuses for hours is given up, which shows; told anew, the event is sent once more', async () => {
    const { receiver, outbox, sender, clock } = hook;
    receiver.refusals.push(...Array.from({ length: 100 }, () => 503));
    await outbox.tell([completionEvent(1)]);
    let dead = 0;
    for (let attempt = 0; attempt < 100; attempt++) {
      dead += (await sender.sendDue(forever)).dead;
      clock.advance(150_000);
    }

    expect(dead).toBe(1);
    expect(receiver.asked).toBe(100);
    expect(await outbox.stats()).toEqual({ waiting: 0, dead: 1 });
    await outbox.tell([completionEvent(1)]);
    expect(await outbox.stats()).toEqual({ waiting: 1, dead: 0 });
  });

  it('that cannot be reached loses nothing', async () => {
    const { receiver, outbox, sender } = hook;
    await receiver.stop();
    await outbox.tell([completionEvent(1), completionEvent(2)]);

    expect(await sender.sendDue(forever)).toMatchObject({ sent: 0, failed: 2, dead: 0 });
    expect(await outbox.stats()).toEqual({ waiting: 2, dead: 0 });
    hook = await open();
  });

  it.each(['', 'short', 'not base64 at all, but long enough to be one', 'whsec_c2hvcnQ='])('has a secret that is none: %j', (text) => {
    expect(() => webhookSecret(text, 'HOOK_SECRET')).toThrow(/^HOOK_SECRET: a webhook's secret is 24 bytes or more in base64/);
  });
});

describe('an event bus', () => {
  it('that takes some events and refuses others is told all of them again', async () => {
    const answers = [
      { FailedEntryCount: 1, Entries: [{ EventId: '1' }, { ErrorCode: 'ThrottlingException', ErrorMessage: 'too many' }] },
      { FailedEntryCount: 0, Entries: [{ EventId: '1' }, { EventId: '2' }] },
    ];
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answers.shift()));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    const completions = new EventBridgeCompletions('default', { endpoint, region: 'eu-west-1', credentials });
    const events = [completionEvent(1), completionEvent(2)];

    await expect(completions.tell(events)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'PutEvents on bus default: 1 of 2 events were refused: too many',
    });
    await completions.tell(events);

    server.closeAllConnections();
    server.close();
  });
});
