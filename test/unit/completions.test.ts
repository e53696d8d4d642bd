/** Which ends of deliveries are told, through the handlers: each at least once, whoever dies where. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TidemarkError } from '../../lib/core/errors.ts';
import type { CompletionEvent } from '../../lib/core/objects/completion-event.ts';
import { lookMessage } from '../../lib/core/objects/message.ts';
import { lambdaContext } from '../../lib/local/lambda-context.ts';
import { sqsEvent } from '../../lib/local/sqs-event.ts';
import { batchOf, HandlerWorld, notification } from '../fixtures/handler-world.ts';

const ROUTE = 'primary-secondary';
const context = () => lambdaContext('replay', 60_000);

let world: HandlerWorld;
let told: CompletionEvent[];
let calls: number;
let failures: number;
beforeEach(async () => {
  [told, calls, failures] = [[], 0, 0];
  const completions = {
    tell: async (events: readonly CompletionEvent[]) => {
      calls++;
      if (failures-- > 0) throw new TidemarkError('UNAVAILABLE', 'the bus does not answer');
      told.push(...events);
    },
  };
  world = await HandlerWorld.create({ limits: { maxRetries: 1 }, instead: () => ({ completions }) });
});
afterEach(() => world.dispose());

const shown = () => told.map(({ type, detail }) => `${type}: ${detail.key}`);
const bodyOf = (key: string): string => JSON.stringify(notification(key));
const received = (body: string, receiveCount: number, sentAt = world.clock.now()) =>
  sqsEvent('replay', [{ messageId: 'm', receipt: 'r', body, receiveCount, sentAt }], world.clock.now());

describe('the end of a delivery', () => {
  it('is told with all that others need to know, a whole batch at once', async () => {
    await world.put('a', 'hello');
    await world.put('b', 'hello');

    expect(await world.replay(batchOf(bodyOf('a'), bodyOf('b'), bodyOf('gone')), context())).toEqual({ batchItemFailures: [] });

    expect(calls).toBe(1);
    expect(shown().sort()).toEqual(['Object Replicated: a', 'Object Replicated: b', 'Object Replication Failed: gone']);
    const [event] = (await world.call('GET', '/events?keyLike=a')).body.events as Record<string, unknown>[];
    const ends = { srcRegion: 'primary', dstRegion: 'secondary', route: ROUTE };
    expect(told.find(({ detail }) => detail.key === 'a')).toMatchObject({
      id: `${event?.id}.done`,
      detail: { ...ends, id: event?.id, op: 'PUT', size: 1, status: 'done', attempts: 1, error: null, endedAt: event?.updatedAt },
    });
    expect(told.find(({ detail }) => detail.key === 'gone')?.detail).toMatchObject({
      ...ends,
      status: 'error',
      error: { code: 'NO_SUCH_KEY_AT_SOURCE', message: 'no such key at the source' },
    });
  });

  it('is told before its message is acknowledged or parked: where it cannot be, the message comes back, and tells it then', async () => {
    await world.put('a', 'hello');
    failures = 1;
    const sentAt = world.clock.now();

    const batch = await world.replay(batchOf(bodyOf('a'), bodyOf('gone')), context());
    expect(batch.batchItemFailures).toHaveLength(2);
    expect((await world.queue.stats()).dead).toBe(0);
    expect(told).toEqual([]);

    world.clock.advance(60_000);
    const again = sqsEvent(
      'replay',
      ['a', 'gone'].map((key) => ({ messageId: key, receipt: key, body: bodyOf(key), receiveCount: 2, sentAt })),
      world.clock.now(),
    );
    expect(await world.replay(again, context())).toEqual({ batchItemFailures: [] });
    expect(new Set(shown())).toEqual(new Set(['Object Replicated: a', 'Object Replication Failed: gone']));
    expect((await world.queue.stats()).dead).toBe(1);
  });

  it('is told after hours without an answer: the message comes back ever later, and is no dead letter', async () => {
    await world.put('a', 'hello');
    await world.queue.send([{ body: bodyOf('a') }]);
    failures = 60;
    const begun = world.clock.now();

    while (told.length === 0) if (!(await world.replayOnce())) world.clock.advance(1_000);

    expect(world.clock.now() - begun).toBeGreaterThan(50 * 60_000);
    expect(shown()).toEqual(['Object Replicated: a']);
    expect((await world.queue.stats()).dead).toBe(0);
  });

  it('is told again by a message that came back, and by none that others were told of before it was sent', async () => {
    await world.put('a', 'hello');
    const body = JSON.stringify(notification('a'));
    const sentAt = world.clock.now();
    await world.replay(received(body, 1, sentAt), context());

    await world.replay(received(body, 2, sentAt), context());
    expect(shown()).toEqual(['Object Replicated: a', 'Object Replicated: a']);
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);

    world.clock.advance(60_000);
    await world.replay(received(lookMessage(ROUTE, 'a'), 2), context());
    expect(told).toHaveLength(2);
  });

  it('is told by POST /replay/run, or by the message that it overtook where that could not', async () => {
    await world.put('a', 'hello');
    const event = { op: 'PUT', key: 'a', etag: 'e', srcRegion: 'primary', dstRegion: 'secondary', ts: 1 };
    await world.call('POST', '/events/ingest', { events: [event] });
    failures = 1;

    expect((await world.call('POST', '/replay/run', {})).body).toMatchObject({ done: 1 });
    expect(told).toEqual([]);
    await world.drain();
    expect(shown()).toEqual(['Object Replicated: a']);

    await world.call('POST', '/events/ingest', { events: [{ ...event, ts: 2 }] });
    expect((await world.call('POST', '/replay/run', {})).body).toMatchObject({ done: 1 });
    expect(shown()).toEqual(['Object Replicated: a', 'Object Replicated: a']);
  });

  it('is told of nothing that was superseded, left waiting, or is about to be tried again', async () => {
    await world.call('POST', `/routes/${ROUTE}/pause`, {});
    await world.replay(batchOf(bodyOf('a')), context());
    expect(calls).toBe(0);
  });
});
