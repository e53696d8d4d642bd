import { rename } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TidemarkError } from '../../lib/core/errors.ts';
import { expectScheduled } from '../../lib/usecases/comparisons.ts';
import { type HealthDeps, health } from '../../lib/usecases/health.ts';
import type { Schedule } from '../../lib/usecases/verify/schedule.ts';
import { HandlerWorld, notification } from '../fixtures/handler-world.ts';

let world: HandlerWorld;
beforeEach(async () => {
  world = await HandlerWorld.create();
});
afterEach(() => world.dispose());

const ENDS = { srcRegion: 'primary', dstRegion: 'secondary' };
const event = (key: string, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  op: 'PUT',
  key,
  ...ENDS,
  ts: 1_724_130_000_000,
  ...changes,
});

describe('POST /events/ingest', () => {
  it('answers each event in the order given, and none rejects its neighbours', async () => {
    const answer = await world.call('POST', '/events/ingest', {
      events: [
        event('a', { etag: '"x"', size: 1 }),
        event(''),
        event('b'),
        event('a', { etag: 'x' }),
        event('c', { dstRegion: 'mars' }),
        event('d', { op: 'DELETE' }),
      ],
    });

    expect(answer.status).toBe(202);
    expect(answer.headers).toMatchObject({ 'x-request-id': 'request-1' });
    expect(answer.body).toMatchObject({ accepted: 3, duplicate: 1, rejected: 2 });
    expect(answer.body.results).toEqual([
      { id: expect.stringMatching(/^primary-secondary\./), status: 'accepted' },
      { id: null, status: 'rejected', reason: expect.stringContaining('key: a key is at least one character long') },
      { id: expect.any(String), status: 'accepted' },
      { id: expect.any(String), status: 'duplicate' },
      {
        id: null,
        status: 'rejected',
        reason: expect.stringContaining('dstRegion: there is no region "mars". Name one of the regions: primary, secondary.'),
      },
      { id: expect.any(String), status: 'accepted' },
    ]);
  });

  it('knows an event again in a later request', async () => {
    const first = await world.call('POST', '/events/ingest', { events: [event('a')] });
    const second = await world.call('POST', '/events/ingest', { events: [event('a')] });

    expect(second.body.results).toEqual([{ id: (first.body.results as { id: string }[])[0]?.id, status: 'duplicate' }]);
  });

  it.each<readonly [string, Record<string, unknown>]>([
    ['op', { op: 'RENAME' }],
    ['op', { op: undefined }],
    ['key', { key: 5 }],
    ['key', { key: 'é'.repeat(513) }],
    ['key', { key: '\ud800' }],
    ['key', { key: 'a\0b' }],
    ['etag', { etag: 5 }],
    ['etag', { etag: 'e'.repeat(300) }],
    ['size', { size: -1 }],
    ['size', { size: 1.5 }],
    ['contentType', { contentType: {} }],
    ['srcRegion', { srcRegion: 'constructor' }],
    ['srcRegion', { srcRegion: undefined }],
    ['dstRegion', { dstRegion: 'primary' }],
    ['ts', { ts: '1724130000000' }],
    ['ts', { ts: -1 }],
    ['ts', { ts: 2 ** 60 }],
    ['ts', { ts: Date.now() + 25 * 3600 * 1000 }],
    ['ts', { ts: undefined }],
  ])('rejects a wrong %s by name', async (field, changes) => {
    const { status, body } = await world.call('POST', '/events/ingest', { events: [event('good'), event('bad', changes)] });

    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 1, rejected: 1 });
    expect((body.results as { reason?: string }[])[1]?.reason).toMatch(new RegExp(`^${field}: .+\\. .+\\.`));
  });

  it.each([
    ['not JSON', 'nonsense', 'body'],
    ['no object', [], 'body'],
    ['nothing', undefined, 'body'],
    ['no events', {}, 'events'],
    ['events that are no list', { events: {} }, 'events'],
    ['no event', { events: [] }, 'events'],
    ['too many', { events: Array.from({ length: 1001 }, (_, n) => event(`k${n}`)) }, 'events'],
  ])('refuses a body of %s', async (_what, body, field) => {
    const answer = await world.call('POST', '/events/ingest', body);

    expect(answer).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json; charset=utf-8', 'x-request-id': 'request-1' },
      body: {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        instance: 'request-1',
        errors: [{ field, message: expect.any(String), fix: expect.any(String) }],
      },
    });
    expect((await world.queue.stats()).waiting).toBe(0);
  });

  it('takes 1,000 events, and a body of 1 MiB at most', async () => {
    const many = await world.call('POST', '/events/ingest', { events: Array.from({ length: 1000 }, (_, n) => event(`k${n}`)) });
    const large = await world.call('POST', '/events/ingest', `{"events": [], "pad": "${'x'.repeat(1024 * 1024)}"}`);

    expect(many.body).toMatchObject({ accepted: 1000 });
    expect(large).toMatchObject({ status: 413, body: { status: 413, errors: [{ field: 'body' }] } });
  });

  it('reads a body in base64, whatever its content type says', async () => {
    const body = Buffer.from(JSON.stringify({ events: [event('ünïcode')] })).toString('base64');

    const answer = await world.call('POST', '/events/ingest', body, { isBase64Encoded: true, headers: { 'content-type': 'text/csv' } });
    const broken = await world.call('POST', '/events/ingest', Buffer.from([0xff, 0xfe]).toString('base64'), { isBase64Encoded: true });

    expect(answer.body).toMatchObject({ accepted: 1 });
    expect(broken).toMatchObject({ status: 400, body: { errors: [{ field: 'body', message: 'it is not UTF-8' }] } });
  });

  it('takes only keys that the route carries', async () => {
    await world.dispose();
    world = await HandlerWorld.create({ routes: [{ from: 'primary', to: 'secondary', prefix: 'docs/' }] });

    const { body } = await world.call('POST', '/events/ingest', { events: [event('docs/a'), event('pictures/a')] });

    expect(body.results).toMatchObject([
      { status: 'accepted' },
      {
        status: 'rejected',
        reason: expect.stringContaining('key: the route from primary to secondary does not carry this key. It carries keys that begin with "docs/"'),
      },
    ]);
  });
});

describe('POST /events/s3', () => {
  it("passes a store's notification on as it is", async () => {
    await world.put('a b.txt', 'hello');
    const sent = JSON.stringify(notification('a b.txt'));

    const answer = await world.call('POST', '/events/s3', sent);
    const [queued] = await world.queue.receive({ max: 1, visibilitySec: 1 });
    await world.queue.delay(queued?.receipt ?? '', 0);
    await world.drain();

    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, skipped: 0 } });
    expect(queued?.body).toBe(sent);
    expect(await world.textAt(world.destination, 'a b.txt')).toBe('hello');
  });

  it.each<readonly [string, unknown, number, object]>([
    ['an empty body', undefined, 200, { accepted: 0, skipped: 0 }],
    ['a test event', { Event: 's3:TestEvent', Bucket: 'primary' }, 200, { accepted: 0, skipped: 1 }],
    ['an event of another kind', notification('a', { eventName: 's3:ObjectAccessed:Get' }), 200, { accepted: 0, skipped: 1 }],
    [
      'an event of a bucket that is no source',
      notification('a', { s3: { bucket: { name: 'secondary' }, object: { key: 'a' } } }),
      200,
      { accepted: 0, skipped: 1 },
    ],
  ])('queues nothing for %s', async (_what, body, status, expected) => {
    expect(await world.call('POST', '/events/s3', body)).toMatchObject({ status, body: expected });
    expect((await world.queue.stats()).waiting).toBe(0);
  });

  it.each<readonly [string, unknown, string]>([
    ['what is not JSON', 'nonsense', 'body'],
    ['no Records', { Records: [] }, 'Records'],
    ['an unknown version', notification('a', { eventVersion: '3.0' }), 'Records[0].eventVersion'],
    ['a version too deep to write out', `{"Records":[{"eventVersion":${'['.repeat(50_000)}${']'.repeat(50_000)}}]}`, 'Records[0].eventVersion'],
    ['no key', notification('a', { s3: { bucket: { name: 'primary' }, object: {} } }), 'Records[0].s3.object.key'],
    ['a message of our own', { type: 'tidemark.look/1', route: 'primary-secondary', key: 'a' }, 'type'],
    ['a message of our own in disguise', { ...notification('a'), type: 'tidemark.look/1', route: 'primary-secondary', key: 'a' }, 'type'],
  ])('refuses %s', async (_what, body, field) => {
    expect(await world.call('POST', '/events/s3', body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect((await world.queue.stats()).waiting).toBe(0);
  });

  it('refuses what no message of the queue can hold', async () => {
    expect(await world.call('POST', '/events/s3', `{"pad":"${'x'.repeat(1024 * 1024)}"}`)).toMatchObject({ status: 413 });
  });
});

describe('POST /replay/run', () => {
  it('works off what is pending', async () => {
    await world.put('a', 'hello');
    await world.call('POST', '/events/ingest', { events: [event('a'), event('gone')] });

    const answer = await world.call('POST', '/replay/run');

    expect(answer).toMatchObject({ status: 200, body: { processed: 2, done: 1, superseded: 0, retried: 1, error: 0, remaining: 1, partial: false } });
    expect(await world.textAt(world.destination, 'a')).toBe('hello');
  });

  it('takes its own maximum of attempts', async () => {
    await world.call('POST', '/events/ingest', { events: [event('gone')] });

    expect((await world.call('POST', '/replay/run', { maxRetries: 1, limit: 1, leaseSec: 5 })).body).toMatchObject({
      retried: 0,
      error: 1,
      remaining: 0,
    });
  });

  it.each<readonly [string, object]>([
    ['limit', { limit: -1 }],
    ['limit', { limit: 1001 }],
    ['leaseSec', { leaseSec: 901 }],
    ['maxRetries', { maxRetries: 'many' }],
    ['maxRetires', { maxRetires: 3 }],
  ])('refuses a wrong %s', async (field, body) => {
    expect(await world.call('POST', '/replay/run', body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });
});

describe('POST /events/requeue', () => {
  async function failed(key: string): Promise<string> {
    const { body } = await world.call('POST', '/events/ingest', { events: [event(key)] });
    await world.call('POST', '/replay/run', { maxRetries: 1 });
    return String((body.results as { id: string }[])[0]?.id);
  }

  it('gives errors a new life, and names ids that are none', async () => {
    const id = await failed('late');
    await world.put('late', 'now it is there');

    const answer = await world.call('POST', '/events/requeue', { ids: [id, 'nonsense', 'a.b.Yw'] });
    await world.drain();

    expect(answer).toMatchObject({ status: 200, body: { requeued: 1, notFound: ['nonsense', 'a.b.Yw'] } });
    expect((await world.call('GET', `/events/${id}`)).body).toMatchObject({ status: 'done', lastError: null });
  });

  it('takes all errors at once', async () => {
    await failed('one');
    await failed('two');

    expect((await world.call('POST', '/events/requeue', { allErrors: true })).body).toEqual({ requeued: 2 });
  });

  it('answers with a part when there are more than it has time for, and the next call goes on', async () => {
    await world.dispose();
    let slow = false;
    world = await HandlerWorld.create({
      instead: ({ state }) => ({
        state: {
          get: state.get.bind(state),
          getMany: state.getMany.bind(state),
          put: (record, expected) => {
            if (slow) world.clock.advance(1_000);
            return state.put(record, expected);
          },
        },
      }),
    });
    for (let n = 0; n < 100; n++) await world.call('POST', '/events/ingest', { events: [event(`k${n}`)] });
    await world.call('POST', '/replay/run', { maxRetries: 1, limit: 100 });
    slow = true;

    const first = await world.call('POST', '/events/requeue', { allErrors: true });
    slow = false;
    const second = await world.call('POST', '/events/requeue', { allErrors: true });

    expect(first).toMatchObject({ status: 200, body: { partial: true } });
    expect(first.body.requeued).toBeLessThan(100);
    expect(second.body).toEqual({ requeued: 100 - Number(first.body.requeued) });
  });

  it.each<readonly [string, unknown]>([
    ['body', {}],
    ['body', undefined],
    ['body', { allErrors: false }],
    ['body', { ids: ['a'], allErrors: true }],
    ['ids', { ids: [] }],
    ['ids[0]', { ids: [5] }],
    ['ids', { ids: Array.from({ length: 1001 }, String) }],
  ])('refuses a wrong %s', async (field, body) => {
    expect(await world.call('POST', '/events/requeue', body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });
});

describe('POST /replay/run on a host that stops when it has answered', () => {
  it('tells it of what goes on behind the answer', async () => {
    const going: Promise<unknown>[] = [];
    await world.dispose();
    world = await HandlerWorld.create({ instead: () => ({ background: (work) => void going.push(work) }) });
    await world.put('a', 'hello');
    await world.call('POST', '/events/ingest', { events: [event('a')] });

    await world.call('POST', '/replay/run');

    expect(going).toHaveLength(1);
    await Promise.all(going);
    expect(await world.textAt(world.destination, 'a')).toBe('hello');
  });
});

describe('POST /backfill/keys', () => {
  it('fills in what the source says, and names what is not there', async () => {
    await world.put('there', 'hello');

    const answer = await world.call('POST', '/backfill/keys', { keys: ['there', 'gone', '', 7], ...ENDS });
    await world.drain();
    const results = answer.body.results as { id?: string; key: unknown; status: string }[];

    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, duplicate: 0, rejected: 2, missing: ['gone'] } });
    expect(results.map(({ key, status }) => [key, status])).toEqual([
      ['there', 'accepted'],
      ['gone', 'missing'],
      ['', 'rejected'],
      [null, 'rejected'],
    ]);
    expect((await world.call('GET', `/events/${results[0]?.id}`)).body).toMatchObject({
      op: 'PUT',
      status: 'done',
      size: 5,
      etag: expect.any(String),
      contentType: 'text/plain',
    });
    expect(await world.textAt(world.destination, 'there')).toBe('hello');
  });

  it('accepts keys of a source that cannot be asked: the replayer looks anew', async () => {
    await world.put('there', 'hello');
    await rename(world.root('primary'), world.root('away'));

    const answer = await world.call('POST', '/backfill/keys', { keys: ['there'], ...ENDS });
    await rename(world.root('away'), world.root('primary'));
    await world.drain();

    expect(answer.body).toMatchObject({ accepted: 1, missing: [] });
    expect(await world.textAt(world.destination, 'there')).toBe('hello');
  });

  it.each<readonly [string, object]>([
    ['keys', { keys: [], ...ENDS }],
    ['keys', { keys: Array.from({ length: 1001 }, String), ...ENDS }],
    ['srcRegion', { keys: ['a'], srcRegion: 'mars', dstRegion: 'secondary' }],
    ['dstRegion', { keys: ['a'], srcRegion: 'primary' }],
    ['prefix', { keys: ['a'], ...ENDS, prefix: 'a' }],
  ])('refuses a wrong %s', async (field, body) => {
    expect(await world.call('POST', '/backfill/keys', body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });
});

describe('GET /events', () => {
  it('shows an event with every field, null where it is unknown', async () => {
    await world.call('POST', '/events/ingest', { events: [event('a')] });

    const { status, body } = await world.call('GET', '/events?keyLike=a');

    expect(status).toBe(200);
    expect(body).toEqual({
      events: [
        {
          id: expect.any(String),
          op: 'PUT',
          key: 'a',
          etag: null,
          size: null,
          contentType: null,
          ...ENDS,
          ts: 1_724_130_000_000,
          status: 'pending',
          attempts: 0,
          lastError: null,
          leaseUntil: null,
          createdAt: expect.any(Number),
          updatedAt: expect.any(Number),
        },
      ],
      partial: false,
    });
  });

  it('says when it is a part, and goes on by its cursor or an offset', async () => {
    await world.call('POST', '/events/ingest', { events: ['a', 'b', 'c'].map((key) => event(key)) });
    const keysOf = (body: Record<string, unknown>): readonly string[] => (body.events as { key: string }[]).map(({ key }) => key);

    const first = await world.call('GET', '/events?limit=2&status=pending');
    const rest = await world.call('GET', `/events?limit=2&status=pending&cursor=${first.body.cursor}`);
    const skipped = await world.call('GET', '/events?offset=2');

    expect(first.body).toMatchObject({ partial: true, cursor: expect.any(String) });
    expect([...keysOf(first.body), ...keysOf(rest.body)]).toEqual(['a', 'b', 'c']);
    expect(rest.body.partial).toBe(false);
    expect(keysOf(skipped.body)).toEqual(['c']);
  });

  it.each([
    ['status', 'status=lost'],
    ['limit', 'limit=0'],
    ['limit', 'limit=-5'],
    ['limit', 'limit=1001'],
    ['limit', 'limit=1e2'],
    ['offset', 'offset=100001'],
    ['keyLike', `keyLike=${'a'.repeat(1025)}`],
    ['cursor', 'cursor=nonsense'],
    ['limt', 'limt=5'],
    ['limit', 'limit=1&limit=2'],
  ])('refuses a wrong %s: %s', async (field, query) => {
    expect(await world.call('GET', `/events?${query}`)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it.each(['nonsense', 'primary-secondary.x.YQ', '..', '__proto__', 'a.b.%00'])('knows no event %s', async (id) => {
    expect(await world.call('GET', `/events/${id}`)).toMatchObject({ status: 404, body: { status: 404, instance: 'request-1' } });
  });

  it('shows who holds an event, while someone does', async () => {
    const { body } = await world.call('POST', '/events/ingest', { events: [event('a')] });
    const [{ id } = { id: '' }] = body.results as { id: string }[];
    const record = await world.runtime.state.get('primary-secondary', 'a');
    if (!record) throw new Error('there is no record');
    await world.runtime.state.put({ ...record, version: 2, lease: { owner: 'x', until: 42, dirty: false, extended: false } }, 1);

    expect((await world.call('GET', `/events/${id}`)).body).toMatchObject({ id, key: 'a', leaseUntil: 42 });
  });
});

describe('GET /metrics', () => {
  it('counts, and measures the lag from the oldest change that waits anywhere', async () => {
    expect((await world.call('GET', '/metrics')).body).toMatchObject({ lagMs: 0, backlog: { objects: 0, bytes: 0 } });
    await world.call('POST', '/events/ingest', { events: [event('a', { size: 7 })] });
    world.clock.advance(60_000);

    const waiting = await world.call('GET', '/metrics');
    await world.put('a', 'hello');
    await world.drain();
    const applied = await world.call('GET', '/metrics');

    expect(waiting.body).toMatchObject({
      counts: { pending: 1, in_progress: 0, done: 0, superseded: 0, error: 0 },
      backlog: { objects: 1, bytes: 7 },
      queue: { waiting: 1, delayed: 0, inFlight: 0, dead: 0 },
      routes: { 'primary-secondary': { objects: 0, deletesPaused: false, conflicts: 0 } },
    });
    expect(waiting.body.lagMs).toBeGreaterThanOrEqual(60_000);
    expect(applied.body).toMatchObject({ counts: { pending: 0, done: 1 }, lagMs: 0, routes: { 'primary-secondary': { objects: 1 } } });
  });

  it('tells routes apart: what waits on one is no lag of another, and what failed is none at all', async () => {
    await world.dispose();
    const routes = [
      { from: 'primary', to: 'secondary', prefix: 'a/', name: 'first' },
      { from: 'primary', to: 'secondary', prefix: 'b/', name: 'second' },
    ];
    world = await HandlerWorld.create({ routes, limits: { maxRetries: 1 } });
    await world.call('POST', '/events/ingest', { events: [event('b/never-there')] });
    await world.drain();
    await world.call('POST', '/events/ingest', { events: [event('a/waits')] });
    // Unread, it would tell nothing of its route.
    const lost = await world.queue.receive({ max: 10, visibilitySec: 30 });
    await world.queue.acknowledge(lost.map(({ receipt }) => receipt));
    world.clock.advance(60_000);

    const { lagMs, oldestErrorAgeMs, routes: told } = (await world.call('GET', '/metrics')).body;

    const { first, second } = told as Record<string, { lagMs: number; oldestErrorAgeMs: number }>;
    expect(lagMs).toBe(first?.lagMs);
    expect([first?.lagMs, second?.oldestErrorAgeMs, oldestErrorAgeMs].every((age) => Number(age) >= 60_000)).toBe(true);
    expect([first?.oldestErrorAgeMs, second?.lagMs]).toEqual([0, 0]);
  });

  it('answers with what it knows, and says what it could not find out', async () => {
    await world.dispose();
    const oldestUnknown = new TidemarkError('UNAVAILABLE', 'no metrics today');
    world = await HandlerWorld.create({
      instead: ({ admin }) => ({ admin: { redrive: () => admin.redrive(), stats: async () => ({ ...(await admin.stats()), oldestUnknown }) } }),
    });

    expect(await world.call('GET', '/metrics')).toMatchObject({
      status: 200,
      body: {
        lagMs: 0,
        missing: [{ what: expect.stringMatching(/^lagMs: /), code: 'UNAVAILABLE', message: 'no metrics today', fix: expect.any(String) }],
      },
    });
  });

  it('counts the lag of a message that no record tells of', async () => {
    await world.queue.send([{ body: JSON.stringify(notification('a')) }]);
    world.clock.advance(30_000);

    expect(Number((await world.call('GET', '/metrics')).body.lagMs)).toBeGreaterThanOrEqual(30_000);
  });
});

describe('GET /healthz', () => {
  it('is well when every region answers', async () => {
    expect(await world.call('GET', '/healthz')).toMatchObject({
      status: 200,
      body: {
        status: 'ok',
        checks: [
          { what: 'region primary', ok: true },
          { what: 'region secondary', ok: true },
          { what: 'deletes of route primary-secondary', ok: true },
        ],
      },
    });
  });

  it('says what is wrong and what to do', async () => {
    await rename(world.root('secondary'), world.root('away'));
    await world.runtime.deletes.pause('primary-secondary', world.clock.now());

    const { status, body } = await world.call('GET', '/healthz');

    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: 'failing',
      checks: [
        { what: 'region primary', ok: true },
        {
          what: 'region secondary',
          ok: false,
          code: 'BUCKET_MISSING',
          message: expect.any(String),
          fix: expect.stringContaining('mount the folder'),
        },
        {
          what: 'deletes of route primary-secondary',
          ok: false,
          code: 'DELETES_PAUSED',
          fix: expect.stringContaining('tidemark routes resume primary-secondary --accept-deletes (or POST /routes/primary-secondary/resume {'),
        },
      ],
    });
  });
});

describe('GET /healthz of scheduled comparisons', () => {
  const schedules = [
    { mode: 'verify', everyMs: 3_600_000 },
    { mode: 'reconcile', everyMs: 60_000 },
  ] as const;
  const failing = async (runtime: HealthDeps): Promise<readonly string[]> =>
    (await health(runtime)).checks.filter(({ ok }) => !ok).map(({ what, fix }) => `${what}: ${fix}`);

  it('tells of those that have not ended well for two periods and an hour, a reconcile only where the host does not tell by itself', async () => {
    const { uncompared: _itself, ...onAws } = { ...world.runtime, schedules };
    await expectScheduled(onAws);
    world.clock.advance(3_600_000);
    expect(await failing(onAws)).toEqual([]);
    world.clock.advance(121_000);
    expect(await failing(onAws)).toEqual([expect.stringMatching(/^scheduled reconcile of route primary-secondary: .*runbook\.md#late-reconcile/)]);
    expect(await failing({ ...world.runtime, schedules })).toEqual([]);
    world.clock.advance(2 * 3_600_000);
    expect(await failing({ ...world.runtime, schedules })).toEqual([expect.stringMatching(/^scheduled verify of .*runbook\.md#late-verify/)]);
  });

  const HOUR_MS = 3_600_000;
  const [verifies, reconciles] = [[schedules[0]], [schedules[1]]];
  const on = (of: readonly Schedule[]) => ({ ...world.runtime, schedules: of });
  /** As the clock looks after them, every five minutes. */
  const lookAfter = async (of: readonly Schedule[], hours: number): Promise<void> => {
    for (let times = 0; times < hours * 12; times++) {
      await expectScheduled(on(of));
      world.clock.advance(HOUR_MS / 12);
    }
  };

  it('gives a host that was down its time to make one, and then tells', async () => {
    await expectScheduled(on(verifies));
    world.clock.advance(30 * HOUR_MS);
    await lookAfter(verifies, 2.75);
    expect(await failing(on(verifies))).toEqual([]);
    await lookAfter(verifies, 0.5);
    expect(await failing(on(verifies))).toEqual([expect.stringMatching(/^scheduled verify/)]);
  });

  it('gives a schedule that was taken out and is back its time, and others none', async () => {
    const { uncompared: _itself, ...onAws } = on(schedules);
    await lookAfter(schedules, 1);
    await lookAfter(reconciles, 4);
    await expectScheduled(onAws);
    expect(await failing(onAws)).toEqual([expect.stringMatching(/^scheduled reconcile/)]);
  });

  it('tells that nobody knows where that cannot be read', async () => {
    const backfills = { claims: () => Promise.reject(new TidemarkError('UNAVAILABLE', 'no answer')) };
    const { checks, status } = await health({ ...world.runtime, backfills, schedules });
    expect(status).toBe('failing');
    expect(checks).toContainEqual(expect.objectContaining({ what: 'scheduled comparisons', ok: false, code: 'UNAVAILABLE' }));
  });
});

describe('POST /routes/{route}/resume', () => {
  it('lets deletes flow again, when told so in words', async () => {
    await world.runtime.deletes.pause('primary-secondary', 1_000);

    const refused = await world.call('POST', '/routes/primary-secondary/resume', { acceptDeletes: 'yes' });
    const empty = await world.call('POST', '/routes/primary-secondary/resume');
    const stillPaused = await world.runtime.deletes.read('primary-secondary', 0);
    const resumed = await world.call('POST', '/routes/primary-secondary/resume', { acceptDeletes: true });

    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'acceptDeletes', fix: 'Give true.' }] } });
    expect(empty).toMatchObject({ status: 200, body: { deletesPaused: 1_000 } });
    expect(stillPaused.pausedAt).toBe(1_000);
    expect(resumed).toMatchObject({ status: 200, body: { route: 'primary-secondary', paused: null, deletesPaused: null } });
    expect((await world.runtime.deletes.read('primary-secondary', 0)).pausedAt).toBeNull();
  });

  it('knows no other route', async () => {
    expect(await world.call('POST', '/routes/nowhere/resume', { acceptDeletes: true })).toMatchObject({
      status: 404,
      body: { errors: [{ field: 'route' }] },
    });
  });
});

describe('whatever else is asked', () => {
  it.each(['/', '/nothing', '/events/', '/events/a/b', '//events', '/healthz/'])('%s is not found', async (path) => {
    expect(await world.call('GET', path)).toMatchObject({
      status: 404,
      headers: { 'content-type': 'application/problem+json; charset=utf-8', 'x-request-id': 'request-1' },
      body: { type: 'about:blank', title: 'Not Found', status: 404, detail: expect.any(String), instance: 'request-1' },
    });
  });

  it.each([
    ['GET', '/events/ingest', 'POST'],
    ['DELETE', '/events', 'GET, HEAD'],
    ['POST', '/events/some-id', 'GET, HEAD'],
    ['PUT', '/healthz', 'GET, HEAD'],
    ['GET', '/routes/primary-secondary/resume', 'POST'],
  ])('%s %s is not allowed', async (method, path, allow) => {
    expect(await world.call(method, path)).toMatchObject({
      status: 405,
      headers: { allow },
      body: { title: 'Method Not Allowed', errors: [{ field: 'method' }] },
    });
  });

  it('answers HEAD as GET', async () => {
    expect((await world.call('HEAD', '/healthz')).status).toBe(200);
  });

  it('tells nothing of its insides when it breaks, and logs why', async () => {
    await world.dispose();
    const stats = async (): Promise<never> => {
      throw new Error('disk on fire at /secret/path');
    };
    world = await HandlerWorld.create({
      instead: ({ index: { due, waiting, deliveries, objects, oldest } }) => ({ index: { due, waiting, deliveries, objects, oldest, stats } }),
    });

    const answer = await world.call('GET', '/metrics');

    expect(answer).toMatchObject({
      status: 500,
      body: { type: 'urn:tidemark:problem:internal', title: 'Internal Server Error', instance: 'request-1' },
    });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(world.lines).toMatchObject([{ level: 'error', fields: { requestId: 'request-1', error: { message: 'disk on fire at /secret/path' } } }]);
  });
});
