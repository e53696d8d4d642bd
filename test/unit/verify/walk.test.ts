/** One range, compared by the use-case itself: killed, held back, in doubt, cut by its time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runtime } from '../../../lambdas/shared/runtime.ts';
import { planBackfill } from '../../../lib/usecases/backfill/plan.ts';
import { estimateBackfill, startBackfill } from '../../../lib/usecases/backfill/start.ts';
import { type WalkTerms, walkRange } from '../../../lib/usecases/backfill/walk.ts';
import { makeReport } from '../../../lib/usecases/verify/report.ts';
import { startDue } from '../../../lib/usecases/verify/schedule.ts';
import { put } from '../../embedded/support.ts';
import { HandlerWorld } from '../../fixtures/handler-world.ts';

const KEYS = Array.from({ length: 25 }, (_, n) => `key-${String(n).padStart(3, '0')}`);
const GRACE_MS = 60_000;
const DAY_MS = 86_400_000;
const WALK = { mostWaiting: 1_000, patienceMs: 0, pageKeys: 10, graceMs: GRACE_MS } as const;
const ENDS = { srcRegion: 'primary', dstRegion: 'secondary' };

let world: HandlerWorld;
let begun: string[];
let worlds = 0;

beforeEach(async () => {
  begun = [];
  const note = async ({ id }: { readonly id: string }): Promise<void> => void begun.push(id);
  world = await HandlerWorld.create({ instead: () => ({ workflow: { start: note, stop: async () => undefined } }) });
  for (const key of KEYS) await put(world.runtime.store('primary'), key, 'text');
  // What was written just now may be on its way; folders never stamp a file before one that this process wrote, however far ahead a clock was.
  world.clock.advance(++worlds * DAY_MS);
});

afterEach(() => world.dispose());

async function planned(mode: 'verify' | 'repair' = 'verify', more: { readonly deep?: boolean } = {}): Promise<string> {
  const { runtime } = world;
  const [route] = runtime.routes;
  if (!route) throw new Error('there is a route');
  const terms = { looks: 8, deadline: runtime.clock.now() + 10_000 };
  const started = await startBackfill(
    runtime,
    { route, prefix: '', mode, ...more },
    await estimateBackfill(runtime, { route, prefix: '', mode }, terms),
  );
  if ('refused' in started) throw new Error('it is the only one');
  expect(await planBackfill(runtime, started.job.id, terms)).toBe(1);
  return started.job.id;
}

const walk = (id: string, terms: Partial<WalkTerms> = {}, runtime: Runtime = world.runtime) =>
  walkRange(runtime, id, 0, { ...WALK, deadline: world.clock.now() + 60_000, ...terms });
const view = async (id: string): Promise<Record<string, unknown>> => (await world.call('GET', `/verify/${id}`)).body;

/** By the pages of the API. */
async function differing(id: string, limit = 7): Promise<readonly string[]> {
  const keys: string[] = [];
  let cursor: unknown;
  do {
    const { body } = await world.call('GET', `/verify/${id}/differences?limit=${limit}${cursor === undefined ? '' : `&cursor=${String(cursor)}`}`);
    keys.push(...(body.differences as { key: string }[]).map(({ key }) => key));
    cursor = body.cursor;
  } while (cursor !== undefined);
  return keys;
}

/** Its writes of a range's progress fail after so many. */
function killedAfter(writes: number): Runtime {
  let left = writes;
  const { backfills } = world.runtime;
  const putRange: typeof backfills.putRange = (range, expected) =>
    left-- > 0 ? backfills.putRange(range, expected) : Promise.reject(new Error('killed'));
  return { ...world.runtime, backfills: Object.assign(Object.create(null), bound(backfills), { putRange }) };
}

function bound(backfills: Runtime['backfills']): Runtime['backfills'] {
  return {
    get: (id) => backfills.get(id),
    put: (job, expected) => backfills.put(job, expected),
    list: (kinds, limit, before) => backfills.list(kinds, limit, before),
    ranges: (job) => backfills.ranges(job),
    putRange: (range, expected) => backfills.putRange(range, expected),
    claims: (route) => backfills.claims(route),
    putClaims: (claims, expected) => backfills.putClaims(claims, expected),
  };
}

describe('a comparison', () => {
  it('tells each difference once, however often it was killed after it wrote them down', async () => {
    const id = await planned();

    await expect(walk(id, {}, killedAfter(1))).rejects.toThrow('killed');
    await expect(walk(id, {}, killedAfter(0))).rejects.toThrow('killed');
    await expect(walk(id, {}, killedAfter(1))).rejects.toThrow('killed');
    expect((await walk(id)).state).toBe('done');

    expect(await differing(id)).toEqual(KEYS);
    expect(await view(id)).toMatchObject({ counts: { missing: KEYS.length, equal: 0 }, listed: KEYS.length });
  });

  it('forgets what a page said that was never written down: it may be equal by now', async () => {
    const id = await planned();
    await expect(walk(id, {}, killedAfter(0))).rejects.toThrow('killed');
    await world.call('POST', '/backfill/keys', { keys: KEYS, ...ENDS });
    await world.drain();
    world.clock.advance(2 * GRACE_MS);

    expect((await walk(id)).state).toBe('done');

    expect(await differing(id)).toEqual([]);
    expect(await view(id)).toMatchObject({ counts: { missing: 0, equal: KEYS.length } });
  });

  it('goes on where its time was over, and is done when all is reported', async () => {
    const id = await planned();

    const states: string[] = [];
    do states.push((await walk(id, { deadline: world.clock.now() })).state);
    while (states.at(-1) === 'more');
    await makeReport(world.runtime, id, '1.2.3');

    expect(states).toEqual(['more', 'more', 'done']);
    expect(await view(id)).toMatchObject({ status: 'done', counts: { missing: KEYS.length } });
  });

  it('reads a page only as far as its time goes, and each object once', async () => {
    await world.call('POST', '/backfill/keys', { keys: KEYS, ...ENDS });
    await world.drain();
    const id = await planned('verify', { deep: true });

    const states: string[] = [];
    do states.push((await walk(id, { deadline: world.clock.now() })).state);
    while (states.at(-1) === 'more');

    expect(states.length).toBeGreaterThan(KEYS.length / 10);
    expect(await view(id)).toMatchObject({ counts: { equal: KEYS.length }, listed: KEYS.length });
  });

  it('makes no report while a range is left', async () => {
    const id = await planned();
    await walk(id, { deadline: world.clock.now() });

    await makeReport(world.runtime, id, '1.2.3');

    expect(await view(id)).toMatchObject({ status: 'running' });
    expect((await world.call('GET', `/verify/${id}/report`)).status).toBe(409);
  });
});

describe('what may only be on its way', () => {
  it('is told when it is still so after a while, and not while it is early', async () => {
    await put(world.runtime.store('primary'), 'new-1', 'text');
    await put(world.runtime.store('primary'), 'new-2', 'text');
    const id = await planned();

    expect((await walk(id)).state).toBe('full');
    expect((await differing(id)).filter((key) => key.startsWith('new'))).toEqual([]);
    await world.call('POST', '/backfill/keys', { keys: ['new-1'], ...ENDS });
    await world.drain();
    world.clock.advance(GRACE_MS);
    expect((await walk(id)).state).toBe('done');

    expect((await differing(id)).filter((key) => key.startsWith('new'))).toEqual(['new-2']);
    expect(await view(id)).toMatchObject({ counts: { missing: KEYS.length + 1, equal: 1 }, listed: KEYS.length + 2 });
  });

  it('is unknown where it changes faster than it can be compared', async () => {
    await put(world.runtime.store('primary'), 'restless', 'text');
    const id = await planned();
    await walk(id);
    world.clock.advance(GRACE_MS);

    await put(world.source, 'restless', 'another text');
    await walk(id);

    const { body } = await world.call('GET', `/verify/${id}/differences?limit=100`);
    expect(body.differences).toContainEqual(
      expect.objectContaining({ key: 'restless', kind: 'unknown', reason: expect.stringContaining('again and again') }),
    );
  });
});

describe('a second one', () => {
  it('of the same keys is refused with the id of the first, one of another kind is not', async () => {
    const id = await planned();

    const refused = await world.call('POST', '/verify', { ...ENDS, prefix: 'key-0' });
    expect(refused).toMatchObject({ status: 409, headers: { location: `/verify/${id}` } });
    expect((await world.call('POST', '/repair', ENDS)).status).toBe(202);
    expect((await world.call('POST', '/backfill', { ...ENDS, mode: 'all' })).status).toBe(202);

    expect(await world.call('POST', `/verify/${id}/cancel`)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect((await world.call('POST', '/verify', ENDS)).status).toBe(202);
    expect((await walk(id)).state).toBe('stopped');
  });
});

it('is begun by the clock when it is due, and not while one runs', async () => {
  const schedules = [{ mode: 'verify', everyMs: 3_600_000 }] as const;
  const due = async (): Promise<number> => (await startDue(world.runtime, schedules, { looks: 2, sampleMs: 1_000 })).started.length;

  expect([await due(), await due()]).toEqual([1, 0]);
  expect(begun).toHaveLength(1);
  world.clock.advance(3_600_000);
  expect(await due()).toBe(0);
  await world.call('POST', `/verify/${begun[0] ?? ''}/cancel`);
  expect(await due()).toBe(1);
});
