/** Pausing, resuming and filtering through the handlers, over SQLite and folders. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeBackfillHandler } from '../../lambdas/backfill/handler.ts';
import { makeReplayHandler } from '../../lambdas/replay/handler.ts';
import { makeSweepHandler } from '../../lambdas/sweep/handler.ts';
import { lookMessage } from '../../lib/core/objects/message.ts';
import { lambdaContext } from '../../lib/local/lambda-context.ts';
import { sqsEvent } from '../../lib/local/sqs-event.ts';
import { estimateBackfill, startBackfill } from '../../lib/usecases/backfill/start.ts';
import { resumeRoute } from '../../lib/usecases/steer-route.ts';
import { batchOf, HandlerWorld, notification } from '../fixtures/handler-world.ts';

const ROUTE = 'primary-secondary';
const context = () => lambdaContext('replay', 60_000);

let world: HandlerWorld;
beforeEach(async () => {
  world = await HandlerWorld.create();
});
afterEach(() => world.dispose());

const tell = (...keys: string[]) => world.replay(batchOf(...keys.map((key) => JSON.stringify(notification(key)))), context());
const steer = (what: string, body?: unknown, route = ROUTE) => world.call('POST', `/routes/${route}/${what}`, body);
const statuses = async (): Promise<unknown[]> =>
  ((await world.call('GET', '/events?limit=1000')).body.events as { key: string; status: string }[]).map(({ key, status }) => `${key} ${status}`);
const shown = async () => ((await world.call('GET', '/routes')).body.routes as Record<string, unknown>[])[0];

describe('a paused route', () => {
  it('holds what is told: acknowledged, pending, and seen in the lag', async () => {
    const { body } = await steer('pause');
    await world.put('a', 'hello');

    expect(await tell('a', 'gone')).toEqual({ batchItemFailures: [] });

    expect(await world.textAt(world.destination, 'a')).toBeNull();
    expect(await statuses()).toEqual(['a pending', 'gone pending']);
    expect(await world.queue.stats()).toMatchObject({ waiting: 0, delayed: 0, inFlight: 0, dead: 0 });
    world.clock.advance(600_000);
    const metrics = (await world.call('GET', '/metrics')).body;
    expect(metrics.lagMs).toBeGreaterThanOrEqual(600_000);
    expect(metrics).toMatchObject({ backlog: { objects: 2 }, routes: { [ROUTE]: { paused: true, deletesPaused: false } } });
    expect(await shown()).toMatchObject({ name: ROUTE, paused: body.paused, deletesPaused: null });
  });

  it('looks at all that waited when it is resumed', async () => {
    await steer('pause');
    const keys = Array.from({ length: 1_100 }, (_, n) => `k${n}`);
    await world.put('k7', 'hello');
    for (let start = 0; start < keys.length; start += 10) await tell(...keys.slice(start, start + 10));

    expect(await steer('resume')).toMatchObject({
      status: 200,
      body: { route: ROUTE, paused: null, deletesPaused: null, released: 1_100, partial: false },
    });
    expect((await world.queue.stats()).waiting).toBe(1_100);
    expect((await steer('resume')).body).toMatchObject({ released: 0, partial: false });
    expect((await world.queue.stats()).waiting).toBe(1_100);
    await world.replayOnce();
    await world.replayOnce();
    expect(await world.textAt(world.destination, 'k7')).toBe('hello');
  });

  it('goes on where a resumption had no time for all, each key once', async () => {
    await steer('pause');
    const keys = Array.from({ length: 1_100 }, (_, n) => `k${n}`);
    for (let start = 0; start < keys.length; start += 10) await tell(...keys.slice(start, start + 10));

    const { cursor = '', ...first } = await resumeRoute(world.runtime, ROUTE, { acceptDeletes: false, deadline: 0 });

    expect(first).toMatchObject({ released: 500, partial: true });
    expect((await steer('resume', { cursor })).body).toMatchObject({ released: 600, partial: false });
    expect((await world.queue.stats()).waiting).toBe(1_100);
    const bodies = await world.queue.receive({ max: 10, visibilitySec: 60 });
    expect(new Set(bodies.map(({ body }) => body)).size).toBe(10);
    expect(await steer('resume', { cursor: 'x' })).toMatchObject({ status: 400, body: { errors: [{ field: 'cursor' }] } });
  });

  it('goes on from a cursor though another resumption ended meanwhile, which began behind it', async () => {
    await steer('pause');
    for (let start = 0; start < 1_100; start += 10) await tell(...Array.from({ length: 10 }, (_, n) => `k${start + n}`));
    const goOn = async (cursor?: string) =>
      (await resumeRoute(world.runtime, ROUTE, { acceptDeletes: false, deadline: 0, ...(cursor === undefined ? {} : { cursor }) })).cursor;
    const ofLater = await goOn(await goOn());
    await steer('pause');
    const cursor = await goOn();
    expect((await steer('resume', { cursor: ofLater })).body).toMatchObject({ released: 100, partial: false });

    expect((await steer('resume', { cursor })).body).toMatchObject({ released: 600, partial: false });
  });

  it('stays paused where it was paused again while a resumption went on', async () => {
    await steer('pause');
    for (let start = 0; start < 510; start += 10) await tell(...Array.from({ length: 10 }, (_, n) => `k${start + n}`));
    const { cursor } = await resumeRoute(world.runtime, ROUTE, { acceptDeletes: false, deadline: 0 });
    await steer('pause');

    expect(await steer('resume', { cursor })).toMatchObject({ status: 400, body: { errors: [{ field: 'cursor' }] } });
    expect((await world.runtime.pauses.read()).has(ROUTE)).toBe(true);
  });

  it('is not gone around by a sweep, by POST /replay/run, by a requeued error or by a backfill', async () => {
    await world.put('a', 'hello');
    await world.call('POST', '/events/ingest', {
      events: [{ op: 'PUT', key: 'a', etag: 'e', srcRegion: 'primary', dstRegion: 'secondary', ts: 1 }],
    });
    await steer('pause');
    world.clock.advance(3_600_000);

    await makeSweepHandler(world.runtime)();
    expect((await world.queue.stats()).waiting).toBe(1);
    expect((await world.call('POST', '/replay/run', { limit: 10 })).body).toMatchObject({ processed: 0, remaining: 1, partial: false });
    await world.replayOnce();
    const { id } = (await world.call('POST', '/backfill', { srcRegion: 'primary', dstRegion: 'secondary', mode: 'all' })).body;
    const walk = makeBackfillHandler(world.runtime, { mostWaiting: 100, patienceMs: 0 });
    await walk({ action: 'plan', id: String(id) }, context());
    expect(await walk({ action: 'walk', id: String(id), index: 0 }, context())).toEqual({ state: 'later' });

    expect(await world.textAt(world.destination, 'a')).toBeNull();
    await steer('resume');
    expect(await walk({ action: 'walk', id: String(id), index: 0 }, context())).toEqual({ state: 'done' });
    await world.drain();
    expect(await world.textAt(world.destination, 'a')).toBe('hello');
    expect(await statuses()).not.toContain('a pending');
  });

  it('keeps a look that no change stands behind, and shows it as one', async () => {
    await world.put('a', 'hello');
    await tell('a');
    await steer('pause');

    await world.replay(batchOf(lookMessage(ROUTE, 'a')), context());

    expect(await statuses()).toEqual(['a done', 'a pending']);
    await steer('resume');
    await world.drain();
    expect(await statuses()).toEqual(['a done', 'a done']);
  });

  it('leaves another route alone, in /replay/run too, however much waits on it', async () => {
    await world.dispose();
    const routes = [
      { from: 'primary', to: 'secondary', prefix: 'a/' },
      { from: 'primary', to: 'secondary', prefix: 'b/', name: 'other' },
    ];
    world = await HandlerWorld.create({ routes });
    await steer('pause');
    const keys = Array.from({ length: 30 }, (_, n) => `a/${n}`);
    for (const key of keys) await tell(key);
    await world.put('b/1', 'hello');
    const event = { op: 'PUT', key: 'b/1', etag: 'e', srcRegion: 'primary', dstRegion: 'secondary', ts: 1 };
    await world.call('POST', '/events/ingest', { events: [event] });

    expect((await world.call('POST', '/replay/run', { limit: 5 })).body).toMatchObject({ processed: 1, done: 1, remaining: 30, partial: false });
    expect(await world.textAt(world.destination, 'b/1')).toBe('hello');
  });

  it('cannot be one that is not there, and names those that are', async () => {
    for (const what of ['pause', 'resume']) {
      expect(await steer(what, {}, 'none')).toMatchObject({ status: 404, body: { errors: [{ field: 'route', fix: `Name one of: ${ROUTE}.` }] } });
    }
    expect(await steer('resume', { acceptDeletes: false })).toMatchObject({ status: 400 });
  });
});

describe('a resumption with acceptDeletes', () => {
  it('lets deletes flow that were paused; one without does not', async () => {
    await world.runtime.deletes.pause(ROUTE, 1_000);

    expect((await steer('resume', {})).body).toMatchObject({ deletesPaused: 1_000 });
    expect(await shown()).toMatchObject({ deletesPaused: 1_000 });
    expect((await steer('resume', { acceptDeletes: true })).body).toMatchObject({ deletesPaused: null });
    expect(await shown()).toMatchObject({ deletesPaused: null, recentDeletes: 0 });
  });
});

describe('a route with filters', () => {
  beforeEach(async () => {
    await world.dispose();
    const filters = { suffix: '.pdf', minBytes: 5, maxBytes: 10, tags: { class: 'public' } };
    world = await HandlerWorld.create({ routes: [{ from: 'primary', to: 'secondary', ...filters }] });
  });

  const put = async (key: string, text: string, tags: Record<string, string> = { class: 'public' }): Promise<void> => {
    const body = Buffer.from(text);
    await world.source.write(key, body, {
      size: body.length,
      like: { etag: '', size: body.length, lastModified: 0, headers: {}, metadata: {}, tags },
    });
  };
  const arrived = async (key: string) => world.textAt(world.destination, key);

  it('carries what it chooses, and says of the rest why not', async () => {
    await put('a.pdf', 'hello');
    await put('a.txt', 'hello');
    await put('small.pdf', 'hell');
    await put('large.pdf', 'hello, world');
    await put('secret.pdf', 'hello', { class: 'secret' });

    await tell('a.pdf', 'a.txt', 'small.pdf', 'large.pdf', 'secret.pdf');

    expect(await Promise.all(['a.pdf', 'a.txt', 'small.pdf', 'large.pdf', 'secret.pdf'].map(arrived))).toEqual(['hello', null, null, null, null]);
    const events = (await world.call('GET', '/events?limit=100')).body.events as { key: string; status: string; lastError: string | null }[];
    expect(events.map(({ key, status, lastError }) => [key, status, lastError])).toEqual([
      ['a.pdf', 'done', null],
      ['large.pdf', 'superseded', 'LEFT_OUT: the object has 12 bytes, and the route carries those of 10 and less'],
      ['secret.pdf', 'superseded', 'LEFT_OUT: the route carries objects that have the tag class=public'],
      ['small.pdf', 'superseded', 'LEFT_OUT: the object has 4 bytes, and the route carries those of 5 and more'],
    ]);
  });

  it('carries what it left out once it is wider and a backfill asks for what is missing, as its docs say', async () => {
    await put('large.pdf', 'hello, world');
    const seen = await world.source.head('large.pdf');
    const object = { key: 'large.pdf', size: 12, eTag: seen.present ? seen.sight.etag : '' };
    await world.replay(batchOf(JSON.stringify(notification('large.pdf', { s3: { bucket: { name: 'primary' }, object } }))), context());
    const idle = { start: async () => undefined, stop: async () => undefined };
    const runtime = { ...world.runtime, routes: world.runtime.routes.map((route) => ({ ...route, maxBytes: 100 })), workflow: idle };
    const [route] = runtime.routes;
    if (!route) throw new Error('there is a route');
    const wanted = { route, prefix: '', mode: 'missing' } as const;
    const started = await startBackfill(runtime, wanted, await estimateBackfill(runtime, wanted, { looks: 1, deadline: 0 }));
    const id = 'job' in started ? started.job.id : '';
    const steps = makeBackfillHandler(runtime, { mostWaiting: 100, patienceMs: 0 });
    await steps({ action: 'plan', id }, context());
    await steps({ action: 'walk', id, index: 0 }, context());

    const batch = await world.queue.receive({ max: 10, visibilitySec: 60 });
    await makeReplayHandler(runtime)(sqsEvent('replay', batch, world.clock.now()), context());

    expect(await arrived('large.pdf')).toBe('hello, world');
  });

  it('tells an application which keys it carries', async () => {
    const event = { op: 'PUT', key: 'a.txt', etag: 'e', srcRegion: 'primary', dstRegion: 'secondary', ts: 1 };
    const { body } = await world.call('POST', '/events/ingest', { events: [event] });

    expect(body).toMatchObject({ accepted: 0, rejected: 1 });
    expect(JSON.stringify(body)).toContain(String.raw`It carries keys that begin with \"\" and end in \".pdf\".`);
  });

  it('leaves alone what was carried and left the filter, carries it again, and follows its delete', async () => {
    await put('a.pdf', 'hello');
    await tell('a.pdf');
    await put('a.pdf', 'hello, world');
    await tell('a.pdf');
    expect(await arrived('a.pdf')).toBe('hello');
    await put('a.pdf', 'world');
    await tell('a.pdf');
    expect(await arrived('a.pdf')).toBe('world');
    await put('a.pdf', 'too large for it');
    await tell('a.pdf');
    await world.source.remove('a.pdf');
    const removed = { eventName: 's3:ObjectRemoved:Delete', eventTime: new Date(Date.now() + 1_000).toISOString() };
    await world.replay(batchOf(JSON.stringify(notification('a.pdf', removed))), context());

    expect(await arrived('a.pdf')).toBeNull();
  });

  it('does not delete what others put under the key of an object that it left out', async () => {
    await world.destination.write('large.pdf', Buffer.from('theirs'), {
      size: 6,
      like: { etag: '', size: 6, lastModified: 0, headers: {}, metadata: {} },
    });
    await put('large.pdf', 'hello, world');
    await tell('large.pdf');
    await world.source.remove('large.pdf');
    await world.replay(batchOf(JSON.stringify(notification('large.pdf', { eventName: 's3:ObjectRemoved:Delete' }))), context());

    expect(await arrived('large.pdf')).toBe('theirs');
  });
});

describe('a throttled route', () => {
  it('does not multiply a message that tells of many keys, however often they are put off', async () => {
    await world.dispose();
    world = await HandlerWorld.create({ routes: [{ from: 'primary', to: 'secondary', throttle: { objectsPerSec: 0.0005 } }] });
    const keys = ['a', 'b', 'c', 'd', 'e'];
    for (const key of keys) await world.put(key, 'hello');
    const told = { Records: keys.flatMap((key) => notification(key).Records) };

    await world.replay(batchOf(JSON.stringify(told)), context());
    for (let round = 0; round < 3; round++) {
      while (await world.replayOnce());
      world.clock.advance(901_000);
    }

    const { waiting, delayed } = await world.queue.stats();
    expect(waiting + delayed).toBeLessThan(keys.length);
    await world.drain();
    expect(await Promise.all(keys.map((key) => world.textAt(world.destination, key)))).toEqual(keys.map(() => 'hello'));
  });

  it('puts off what would wait for long: nothing fails, all of it shows, and each is carried once in its time', async () => {
    await world.dispose();
    world = await HandlerWorld.create({ routes: [{ from: 'primary', to: 'secondary', throttle: { objectsPerSec: 0.05 } }] });
    const keys = ['a', 'b', 'c', 'd'];
    for (const key of keys) await world.put(key, 'hello');

    expect(await tell(...keys)).toEqual({ batchItemFailures: [] });

    expect((await statuses()).map((text) => String(text).slice(2)).sort()).toEqual(['done', 'pending', 'pending', 'pending']);
    expect(await world.queue.stats()).toMatchObject({ waiting: 0, delayed: 3, inFlight: 0, dead: 0 });
    world.clock.advance(10_000);
    expect((await world.call('GET', '/metrics')).body.lagMs).toBeGreaterThanOrEqual(10_000);
    await world.drain();
    expect(await Promise.all(keys.map((key) => world.textAt(world.destination, key)))).toEqual(keys.map(() => 'hello'));
    const { events } = (await world.call('GET', '/events?limit=100')).body as { events: { status: string; attempts: number; lastError: unknown }[] };
    expect(events.map(({ status, attempts, lastError }) => [status, attempts, lastError])).toEqual(keys.map(() => ['done', 1, null]));
  });
});
