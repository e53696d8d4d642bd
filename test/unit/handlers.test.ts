import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeLogger } from '../../lambdas/shared/logger.ts';
import { makeSweepHandler } from '../../lambdas/sweep/handler.ts';
import { TidemarkError } from '../../lib/core/errors.ts';
import { lookMessage } from '../../lib/core/objects/message.ts';
import { lambdaContext } from '../../lib/local/lambda-context.ts';
import { sqsEvent } from '../../lib/local/sqs-event.ts';
import type { OutgoingMessage } from '../../lib/ports/queue.ts';
import { comparisons } from '../../lib/usecases/comparisons.ts';
import { batchOf, HandlerWorld, notification } from '../fixtures/handler-world.ts';

const ROUTE = 'primary-secondary';
const context = () => lambdaContext('replay', 60_000);

let world: HandlerWorld;
beforeEach(async () => {
  world = await HandlerWorld.create();
});
afterEach(() => world.dispose());

/** What GET /events shows, oldest first. */
async function events(): Promise<readonly Record<string, unknown>[]> {
  return (await world.call('GET', '/events?limit=1000')).body.events as Record<string, unknown>[];
}

describe('the replay handler', () => {
  it('copies what a notification tells of, and says so in one quiet line', async () => {
    await world.put('a', 'hello');

    const answer = await world.replay(batchOf(JSON.stringify(notification('a'))), context());

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(await world.textAt(world.destination, 'a')).toBe('hello');
    expect(world.lines).toEqual([
      { level: 'debug', message: expect.any(String), fields: { messages: 1, done: 1, superseded: 0, retried: 0, errors: 0, skipped: 0 } },
    ]);
  });

  it('returns only the message that must come back, and names codes but no keys in the log', async () => {
    await world.put('there', 'hello');

    const answer = await world.replay(batchOf(JSON.stringify(notification('there')), JSON.stringify(notification('private/gone'))), context());

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
    expect(world.lines).toMatchObject([{ level: 'warn', fields: { messages: 2, done: 1, retried: 1, codes: { NO_SUCH_KEY_AT_SOURCE: 1 } } }]);
    expect(JSON.stringify(world.lines)).not.toContain('private');
  });

  it('takes the attempts of the configuration', async () => {
    await world.dispose();
    world = await HandlerWorld.create({ limits: { maxRetries: 1 } });

    await world.replay(batchOf(JSON.stringify(notification('gone'))), context());

    expect(await events()).toMatchObject([{ key: 'gone', status: 'error', attempts: 1 }]);
  });

  it('writes nothing when there is no time left', async () => {
    await world.put('a', 'hello');

    const answer = await world.replay(batchOf(JSON.stringify(notification('a'))), lambdaContext('replay', 2_000));

    expect(await world.textAt(world.destination, 'a')).toBeNull();
    const { waiting, delayed } = await world.queue.stats();
    expect(waiting + delayed + answer.batchItemFailures.length).toBeGreaterThan(0);
  });

  it('records and parks what it cannot read, and serves its neighbours', async () => {
    await world.put('a', 'hello');
    const event = batchOf(
      'nonsense',
      JSON.stringify({ type: 'tidemark.look/1', route: 'nowhere', key: 'a' }),
      JSON.stringify(notification('a')),
      '{"Event":"s3:TestEvent"}',
    );

    expect(await world.replay(event, context())).toEqual({ batchItemFailures: [] });

    expect(await world.textAt(world.destination, 'a')).toBe('hello');
    expect((await world.queue.stats()).dead).toBe(2);
    const unreadable = (await events()).filter(({ op }) => op === 'UNKNOWN');
    expect(unreadable).toHaveLength(2);
    expect(unreadable).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          status: 'error',
          srcRegion: null,
          dstRegion: null,
          lastError: expect.stringContaining('MALFORMED_MESSAGE: the message is not JSON'),
        }),
        expect.objectContaining({ status: 'error', lastError: expect.stringContaining('there is no route "nowhere"') }),
      ]),
    );
  });

  it.each([
    ['another key', { key: 'b' }],
    ['an etag that is no text', { etag: {} }],
    ['a sequencer that is no text', { sequencer: 5 }],
    ['a size that is no number', { size: '5' }],
    ['a time that is none', { ts: 1.5 }],
  ])('records a look with %s as unreadable', async (_what, wrong) => {
    const change = { op: 'PUT', key: 'a', origin: 's3', ts: 5, ...wrong };

    await world.replay(batchOf(JSON.stringify({ type: 'tidemark.look/1', route: ROUTE, key: 'a', changes: [change] })), context());

    expect(await events()).toMatchObject([
      { op: 'UNKNOWN', status: 'error', lastError: expect.stringContaining('changes holds something that is no change') },
    ]);
  });

  it('does without what a record lacks', async () => {
    const event = batchOf('{"Event":"s3:TestEvent"}');
    const odd = JSON.parse(JSON.stringify({ Records: [...event.Records, {}, null, 5, { messageId: 'bare' }] }));

    expect(await world.replay(odd, context())).toEqual({ batchItemFailures: [] });
    expect(await world.replay(JSON.parse('{}'), context())).toEqual({ batchItemFailures: [] });
    expect(await events()).toMatchObject([{ op: 'UNKNOWN', status: 'error' }]);
  });

  it('keeps one error of an unreadable message, however often it is requeued', async () => {
    await world.queue.send([{ body: 'nonsense' }]);
    await world.drain();

    for (let time = 0; time < 4; time++) {
      await world.call('POST', '/events/requeue', { allErrors: true });
      expect((await events()).filter(({ status }) => status === 'error')).toEqual([]);
      await world.drain();
    }

    expect((await events()).filter(({ status }) => status === 'error')).toMatchObject([{ op: 'UNKNOWN', attempts: 1 }]);
    expect((await world.queue.stats()).dead).toBe(1);
  });

  it('makes a message on which the worker died again and again an error of its key, and parks it', async () => {
    await world.put('a', 'hello');
    const body = JSON.stringify(notification('a'));
    const event = sqsEvent('replay', [{ messageId: 'm', receipt: '1.1', body, receiveCount: 42, sentAt: world.clock.now() }], world.clock.now());

    expect(await world.replay(event, context())).toEqual({ batchItemFailures: [] });

    expect(await events()).toMatchObject([{ key: 'a', status: 'error', lastError: expect.stringContaining('CRASHED') }]);
    expect((await world.queue.stats()).dead).toBe(1);
    await world.call('POST', '/events/requeue', { allErrors: true });
    await world.drain();
    expect(await world.textAt(world.destination, 'a')).toBe('hello');
    expect(await events()).toMatchObject([{ status: 'done' }]);
  });
});

it('blames no message for workers that were killed from outside, twenty times', async () => {
  await world.put('a', 'hello');
  const body = JSON.stringify(notification('a'));
  const event = sqsEvent('replay', [{ messageId: 'm', receipt: '1.1', body, receiveCount: 21, sentAt: world.clock.now() }], world.clock.now());

  await world.replay(event, context());

  expect(await events()).toMatchObject([{ key: 'a', status: 'done' }]);
});

describe('a message that was received very often', () => {
  const received = (body: string, sentAt: number) =>
    sqsEvent('replay', [{ messageId: 'm', receipt: '1.1', body, receiveCount: 50, sentAt }], world.clock.now());

  it('is no crash when its key was looked at since it was sent', async () => {
    await world.put('a', 'hello');
    const sentAt = world.clock.now();
    await world.replay(batchOf(JSON.stringify(notification('a'))), context());

    expect(await world.replay(received(lookMessage(ROUTE, 'a'), sentAt), context())).toEqual({ batchItemFailures: [] });

    expect(await events()).toMatchObject([{ status: 'done' }]);
    expect((await world.queue.stats()).dead).toBe(0);
  });

  it('is parked once its key is an error, and looked at as any other before', async () => {
    await world.call('POST', '/events/ingest', { events: [{ op: 'PUT', key: 'a', srcRegion: 'primary', dstRegion: 'secondary', ts: 5 }] });
    const look = received(lookMessage(ROUTE, 'a'), world.clock.now());

    await world.replay(look, context());
    await world.replay(look, context());

    expect(await events()).toMatchObject([{ ts: 5, status: 'error', attempts: 1, lastError: expect.stringContaining('CRASHED') }]);
    expect((await world.queue.stats()).dead).toBe(2);
  });

  it('is no crash when its record cannot be read', async () => {
    await world.dispose();
    let away = true;
    world = await HandlerWorld.create({
      instead: ({ state }) => ({
        state: {
          get: (route, key) => (away ? Promise.reject(new Error('no table')) : state.get(route, key)),
          getMany: state.getMany.bind(state),
          put: state.put.bind(state),
        },
      }),
    });

    const answer = await world.replay(received(JSON.stringify(notification('a')), world.clock.now()), context());
    away = false;

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
    expect(await events()).toEqual([]);
    expect((await world.queue.stats()).dead).toBe(0);
  });
});

describe('a queue that holds few messages in flight', () => {
  it('gets what must wait for long anew, delayed, and the replay handler answers it as done with', async () => {
    const sent: OutgoingMessage[] = [];
    const delayed: string[] = [];
    await world.dispose();
    world = await HandlerWorld.create({
      instead: ({ queue }) => ({
        queue: {
          holdSec: 0,
          send: async (messages) => void sent.push(...messages),
          delay: async (receipt) => void delayed.push(receipt),
          park: (body, reason) => queue.park(body, reason),
        },
      }),
    });
    const body = JSON.stringify(notification('gone'));

    expect(await world.replay(batchOf(body), context())).toEqual({ batchItemFailures: [] });

    expect(sent).toEqual([{ body, delaySec: expect.toSatisfy((seconds: number) => Number.isInteger(seconds) && seconds > 0 && seconds <= 900) }]);
    expect(delayed).toEqual([]);
    expect(await events()).toMatchObject([{ key: 'gone', status: 'pending', attempts: 1 }]);
  });

  it('keeps the message where it could not be sent anew', async () => {
    await world.dispose();
    const send = () => Promise.reject(new TidemarkError('UNAVAILABLE', 'no queue'));
    world = await HandlerWorld.create({
      instead: ({ queue }) => ({ queue: { holdSec: 0, send, delay: () => Promise.resolve(), park: (body, reason) => queue.park(body, reason) } }),
    });

    expect((await world.replay(batchOf(JSON.stringify(notification('gone'))), context())).batchItemFailures).toHaveLength(1);
  });
});

describe('the dead-letter handler', () => {
  const letter = (body: string, sentAt = Date.now()) =>
    sqsEvent('replay-dead-letters', [{ messageId: 'letter', receipt: '1.1', body, receiveCount: 120, sentAt }], Date.now());

  it('makes a visible error of each key, and lays the message among the dead letters', async () => {
    const answer = await world.deadLetters(letter(JSON.stringify(notification('a'))));

    expect(answer).toEqual({ batchItemFailures: [] });
    expect((await world.queue.stats()).dead).toBe(1);
    expect(await events()).toMatchObject([{ key: 'a', op: 'PUT', status: 'error', lastError: expect.stringContaining('CRASHED') }]);
    expect(world.lines).toMatchObject([{ level: 'warn', fields: { recorded: 1, unreadable: 0, known: 0 } }]);
  });

  it.each([
    ['a notification', JSON.stringify(notification('a', { eventTime: '2026-01-01T00:00:00Z' }))],
    ['a look', lookMessage(ROUTE, 'a')],
    ['a look with changes', lookMessage(ROUTE, 'a', [{ op: 'DELETE', key: 'a', origin: 'reconcile', ts: 5 }])],
    ['what cannot be read', 'nonsense'],
  ])('changes nothing when it sees %s again', async (_what, body) => {
    await world.deadLetters(letter(body));
    const first = await events();
    world.clock.advance(60_000);

    await world.deadLetters(letter(body));

    expect(first).toHaveLength(1);
    const facts = (list: readonly Record<string, unknown>[]) => list.map(({ id, status, lastError }) => ({ id, status, lastError }));
    expect(facts(await events())).toEqual(facts(first));
  });

  it('makes no error of a change that was applied after all', async () => {
    await world.put('a', 'hello');
    const body = JSON.stringify(notification('a'));
    await world.replay(batchOf(body), context());

    await world.deadLetters(letter(body));
    // Since it was sent the key was looked at successfully, and its change has been dropped from the record or was never there.
    await world.deadLetters(letter(lookMessage(ROUTE, 'a'), Date.now() - 60_000));
    await world.deadLetters(letter(JSON.stringify(notification('a', { eventTime: '2026-01-01T00:00:00Z' })), Date.now() - 60_000));

    expect(await events()).toMatchObject([{ key: 'a', status: 'done' }]);
  });

  it('touches no newer event of the key, which has a message of its own', async () => {
    await world.call('POST', '/events/ingest', { events: [{ op: 'PUT', key: 'a', srcRegion: 'primary', dstRegion: 'secondary', ts: 5 }] });

    await world.deadLetters(letter(JSON.stringify(notification('a'))));

    expect((await events()).map(({ ts, status }) => (ts === 5 ? `new ${status}` : `old ${status}`)).sort()).toEqual(['new pending', 'old error']);
  });

  it('gives back the letter that could not be recorded, after it recorded the others', async () => {
    await world.dispose();
    world = await HandlerWorld.create({
      instead: ({ state }) => ({
        state: {
          get: (route, key) => (key === 'unlucky' ? Promise.reject(new Error('no table')) : state.get(route, key)),
          getMany: state.getMany.bind(state),
          put: state.put.bind(state),
        },
      }),
    });
    const messages = ['unlucky', 'lucky'].map((key) => ({
      messageId: key,
      receipt: '1.1',
      body: lookMessage(ROUTE, key),
      receiveCount: 120,
      sentAt: Date.now(),
    }));

    const answer = await world.deadLetters(sqsEvent('replay-dead-letters', messages, Date.now()));

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'unlucky' }] });
    expect(await events()).toMatchObject([{ key: 'lucky', status: 'error' }]);
    expect((await world.queue.stats()).dead).toBe(1);
  });
});

describe('the sweep handler', () => {
  const ingest = (...keys: readonly string[]) =>
    world.call('POST', '/events/ingest', { events: keys.map((key) => ({ op: 'PUT', key, srcRegion: 'primary', dstRegion: 'secondary', ts: 5 })) });

  it('queues what is overdue because its message was lost, and says how much', async () => {
    await world.put('a', 'hello');
    await ingest('a', 'b');
    const lost = await world.queue.receive({ max: 10, visibilitySec: 120 });
    await world.queue.acknowledge(lost.map(({ receipt }) => receipt));
    world.clock.advance(60 * 60_000);

    await makeSweepHandler(world.runtime)();

    expect((await world.queue.stats()).waiting).toBe(2);
    expect(world.lines).toMatchObject([{ level: 'info', fields: { queued: 2 } }]);
    await world.replayOnce();
    expect(await world.textAt(world.destination, 'a')).toBe('hello');
  });

  it('queues what is overdue, though nobody can read what compares the routes', async () => {
    await ingest('a');
    const lost = await world.queue.receive({ max: 10, visibilitySec: 120 });
    await world.queue.acknowledge(lost.map(({ receipt }) => receipt));
    world.clock.advance(60 * 60_000);
    const claims = () => Promise.reject(new TidemarkError('THROTTLED', 'too many'));
    const runtime = { ...world.runtime, schedules: [{ mode: 'verify', everyMs: 1 }] as const, backfills: { ...world.runtime.backfills, claims } };

    await expect(makeSweepHandler(runtime)()).rejects.toMatchObject({ code: 'THROTTLED' });

    expect((await world.queue.stats()).waiting).toBe(1);
  });

  it('tells ages of comparisons that begin anew where the clock stood still', async () => {
    const runtime = { ...world.runtime, schedules: [{ mode: 'verify', everyMs: 60_000 }] as const };
    await makeSweepHandler(runtime)();
    world.clock.advance(30 * 60 * 60_000);
    const told: unknown[] = [];

    await makeSweepHandler(runtime, async () => void told.push((await comparisons(runtime, world.clock.now())).scheduled[ROUTE]))();

    expect(told).toMatchObject([{ verify: { late: false } }]);
  });

  it('queues nothing of what has its message still, or of routes that are not configured, in silence', async () => {
    await ingest('a');
    const sweep = makeSweepHandler({ ...world.runtime, routes: [] });

    await makeSweepHandler(world.runtime)();
    world.clock.advance(60 * 60_000);
    await sweep();

    expect((await world.queue.stats()).waiting).toBe(1);
    expect(world.lines).toEqual([]);
  });

  it('queues nothing while so much waits that it may be the same keys', async () => {
    await ingest('a');
    const [lost] = await world.queue.receive({ max: 1, visibilitySec: 120 });
    await world.queue.acknowledge([lost?.receipt ?? '']);
    await world.queue.send(Array.from({ length: 1_000 }, () => ({ body: lookMessage(ROUTE, 'b') })));
    world.clock.advance(60 * 60_000);

    await makeSweepHandler(world.runtime)();

    expect((await world.queue.stats()).waiting).toBe(1_000);
  });

  it('fails when the records cannot be read, so that its alarm is heard', async () => {
    const due = () => Promise.reject(new TidemarkError('UNAVAILABLE', 'no table'));

    await expect(makeSweepHandler({ ...world.runtime, index: { ...world.runtime.index, due } })()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('the log', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('writes lines of JSON from LOG_LEVEL on', () => {
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.stubEnv('LOG_LEVEL', 'WARN');
    const written: string[] = [];
    const spies = (['info', 'warn', 'debug', 'error'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((line) => void written.push(line)),
    );
    const log = makeLogger('replay');

    log.info('not this', {});
    log.warn('this', { codes: { THROTTLED: 2 } });
    for (const spy of spies) spy.mockRestore();

    expect(written.map((line) => JSON.parse(line))).toMatchObject([{ level: 'WARN', message: 'this', service: 'replay', codes: { THROTTLED: 2 } }]);
  });
});
