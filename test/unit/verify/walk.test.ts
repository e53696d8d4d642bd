/** One range, compared by the use-case itself: killed, held back, in doubt, cut by its time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runtime } from '../../../lambdas/shared/runtime.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import { NO_COUNTS } from '../../../lib/core/verify/difference.ts';
import { planBackfill } from '../../../lib/usecases/backfill/plan.ts';
import { estimateBackfill, failBackfill, resumeBackfill, startBackfill } from '../../../lib/usecases/backfill/start.ts';
import { noteVerified } from '../../../lib/usecases/backfill/store.ts';
import { type WalkTerms, walkRange } from '../../../lib/usecases/backfill/walk.ts';
import { comparisons, expectScheduled } from '../../../lib/usecases/comparisons.ts';
import { checkReport } from '../../../lib/usecases/verify/check-report.ts';
import { linesOf } from '../../../lib/usecases/verify/lines.ts';
import { makeReport } from '../../../lib/usecases/verify/report.ts';
import { startDue } from '../../../lib/usecases/verify/schedule.ts';
import { listDifferences } from '../../../lib/usecases/verify/view.ts';
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
    expire: (job, at) => backfills.expire(job, at),
    claims: (route) => backfills.claims(route),
    putClaims: (claims, expected) => backfills.putClaims(claims, expected),
  };
}

/** In the place of what was copied, of the same size. */
async function overwriteCopies(keys: readonly string[]): Promise<void> {
  for (const key of keys) await put(world.destination, key, 'TEXT');
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

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

  it('is shown page by page, however far apart the differences lie', async () => {
    const id = await planned();
    await walk(id, { pageKeys: 3 });

    const keys: string[] = [];
    const pages: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listDifferences(world.runtime, id, 100, cursor, 2);
      keys.push(...(page?.differences ?? []).map(({ key }) => key));
      pages.push(page?.differences.length ?? 0);
      cursor = page?.cursor;
    } while (cursor !== undefined);

    expect(keys).toEqual(KEYS);
    expect(pages).toEqual([6, 6, 6, 6, 1]);
  });

  it('is reported with its files read ahead, in their order, and noted though the report was written twice', async () => {
    const id = await planned();
    await walk(id, { pageKeys: 3 });
    const { reports, backfills } = world.runtime;
    let [reading, most] = [0, 0];
    const counted: Runtime['reports'] = {
      put: (name, size, body) => reports.put(name, size, body),
      link: (name) => reports.link(name),
      read: async (name) => {
        most = Math.max(most, ++reading);
        await new Promise((resolve) => setImmediate(resolve));
        reading--;
        return reports.read(name);
      },
    };
    const unended = Object.assign(Object.create(null), bound(backfills), { put: () => Promise.reject(new Error('killed')) });

    await expect(makeReport({ ...world.runtime, reports: counted, backfills: unended }, id, '1.2.3')).rejects.toThrow('killed');
    expect((await backfills.claims('primary-secondary')).verified).toMatchObject({ id, counts: { missing: KEYS.length } });
    await makeReport({ ...world.runtime, reports: counted }, id, '1.2.3');

    expect(most).toBeGreaterThan(4);
    const keys: unknown[] = [];
    for await (const line of linesOf(reports, `${id}/report.jsonl`)) keys.push(JSON.parse(line).key);
    expect(keys.filter((key) => key !== undefined)).toEqual(KEYS);
    expect(await checkReport((await reports.read(`${id}/report.jsonl`)) ?? nothing())).toMatchObject({ ok: true, header: { deletes: true } });
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

  it('is looked at as far as the time goes, and each key once', async () => {
    const fresh = Array.from({ length: 9 }, (_, n) => `new-${n}`);
    for (const key of fresh) await put(world.runtime.store('primary'), key, 'text');
    await world.call('POST', '/backfill/keys', { keys: [...KEYS, ...fresh], ...ENDS });
    await world.drain();
    const id = await planned('verify', { deep: true });
    await overwriteCopies(fresh);
    world.clock.advance(GRACE_MS / 2);
    while ((await walk(id)).state !== 'full');
    world.clock.advance(GRACE_MS);

    const states: string[] = [];
    do states.push((await walk(id, { deadline: world.clock.now() })).state);
    while (states.at(-1) === 'more');

    expect(states.length).toBeGreaterThan(3);
    expect(states.at(-1)).toBe('done');
    expect(await view(id)).toMatchObject({ counts: { equal: KEYS.length, different: fresh.length } });
    expect([...(await differing(id))].sort()).toEqual(fresh);
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
    expect(refused.body.detail).toContain(`(tidemark verify watch ${id}), cancel it (tidemark verify cancel ${id}, `);
    expect((await world.call('POST', '/repair', ENDS)).status).toBe(202);
    expect((await world.call('POST', '/backfill', { ...ENDS, mode: 'all' })).status).toBe(202);

    expect(await world.call('POST', `/verify/${id}/cancel`)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect((await world.call('POST', '/verify', ENDS)).status).toBe(202);
    expect((await walk(id)).state).toBe('stopped');
  });

  it('is listed with whether there are more', async () => {
    const id = await planned();

    expect((await world.call('GET', '/verify')).body).toMatchObject({ verifies: [{ id }], partial: false });
    await world.call('POST', '/repair', ENDS);
    expect((await world.call('GET', '/verify?limit=1')).body).toMatchObject({ verifies: [{ kind: 'repair' }], partial: true });
  });
});

it('is not begun by the clock to ask for what a paused route holds back', async () => {
  const schedules = [{ mode: 'reconcile', everyMs: 3_600_000 }] as const;
  const due = async (): Promise<number> => (await startDue(world.runtime, schedules, { looks: 2, sampleMs: 1_000 })).started.length;

  await world.call('POST', '/routes/primary-secondary/pause', {});
  expect(await due()).toBe(0);
  await world.call('POST', '/routes/primary-secondary/resume', {});
  expect(await due()).toBe(1);
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

describe('one that the clock cannot start', () => {
  const schedules = [{ mode: 'verify', everyMs: DAY_MS }] as const;
  const started = async (runtime: Runtime = world.runtime): Promise<number> =>
    (await startDue(runtime, schedules, { looks: 2, sampleMs: 1_000 })).started.length;
  const broken: Partial<Runtime>[] = [
    { link: () => Promise.reject(new TidemarkError('ACCESS_DENIED', 'no')) },
    { workflow: { start: () => Promise.reject(new TidemarkError('UNAVAILABLE', 'no')), stop: async () => undefined } },
  ];

  it.each(broken)('is tried again at the next beat, then after twice as long', async (parts) => {
    const runtime = { ...world.runtime, ...parts };
    expect(await started(runtime)).toBe(0);
    expect(await started()).toBe(0);
    world.clock.advance(60_000);
    expect(await started(runtime)).toBe(0);
    world.clock.advance(60_000);
    expect(await started()).toBe(0);
    world.clock.advance(60_000);
    expect(await started()).toBe(1);
  });

  it('because its plan fails is tried again at the next beat; one that fails later waits for its period', async () => {
    expect(await started()).toBe(1);
    await failBackfill(world.runtime, begun[0] ?? '', { code: 'ACCESS_DENIED', message: 'no' });
    world.clock.advance(60_000);
    expect(await started()).toBe(1);
    await planBackfill(world.runtime, begun[1] ?? '', { looks: 8, deadline: world.clock.now() + 10_000 });
    await failBackfill(world.runtime, begun[1] ?? '', { code: 'ACCESS_DENIED', message: 'no' });
    world.clock.advance(DAY_MS / 2);
    expect(await started()).toBe(0);
  });
});

it('has an age from when it is expected until one has ended well', async () => {
  const schedules = [
    { mode: 'verify', everyMs: 3_600_000 },
    { mode: 'reconcile', everyMs: 3_600_000 },
  ] as const;
  const runtime = { ...world.runtime, schedules };
  const ages = async (): Promise<readonly (number | undefined)[]> => {
    const { scheduled } = await comparisons(runtime, world.clock.now());
    const { verify, reconcile } = scheduled['primary-secondary'] ?? {};
    return [verify?.ageMs, reconcile?.ageMs].map((ms) => ms && Math.floor(ms / 1_000));
  };
  const end = async (id: string): Promise<void> => {
    await planBackfill(world.runtime, id, { looks: 8, deadline: world.clock.now() + 10_000 });
    while ((await walk(id)).state !== 'done') world.clock.advance(GRACE_MS);
    await makeReport(world.runtime, id, '0');
  };
  await expectScheduled(runtime);
  world.clock.advance(100_000);
  await expectScheduled(runtime);
  expect(await ages()).toEqual([100, 100]);
  await startDue(runtime, schedules, { looks: 2, sampleMs: 1_000 });
  world.clock.advance(50_000);
  expect(await ages()).toEqual([150, 150]);
  await end(begun[1] ?? '');
  expect(await ages()).toEqual([150, 50]);
  await end(begun[0] ?? '');
  expect(await ages()).toEqual([50, 50]);
});

it('is not late where one was begun by hand long before the clock is to begin any', async () => {
  await noteVerified(world.runtime.backfills, 'primary-secondary', { id: 'by hand', at: world.clock.now(), deep: false, counts: NO_COUNTS });
  world.clock.advance(90 * DAY_MS);
  const runtime = { ...world.runtime, schedules: [{ mode: 'verify', everyMs: DAY_MS }] as const };
  const late = async (): Promise<unknown> => {
    const { ageMs = 0, late } = (await comparisons(runtime, world.clock.now())).scheduled['primary-secondary']?.verify ?? {};
    return { days: Math.floor(ageMs / DAY_MS), late };
  };

  expect(await late()).toEqual({ days: 0, late: false });
  await expectScheduled(runtime);
  world.clock.advance(2 * DAY_MS);
  expect(await late()).toEqual({ days: 2, late: false });
  world.clock.advance(DAY_MS);
  expect(await late()).toEqual({ days: 3, late: true });
});

it('is kept until a newer one has ended, and 400 days more; one that failed and is resumed, as long as it runs', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    const id = await planned();
    ids.push(id);
    if (n === 1) await failBackfill(world.runtime, id, { code: 'ACCESS_DENIED', message: 'no' });
    else {
      while ((await walk(id)).state !== 'done') world.clock.advance(GRACE_MS);
      await makeReport(world.runtime, id, '0');
    }
  }
  const left = async (days: number): Promise<readonly boolean[]> => {
    world.clock.advance(days * DAY_MS);
    await world.upkeep.purgeJobs(world.clock.now());
    return Promise.all(ids.map(async (id) => (await world.runtime.backfills.get(id)) !== null));
  };
  expect(await left(399)).toEqual([true, true, true]);
  await resumeBackfill(world.runtime, ids[1] ?? '');
  expect(await left(2)).toEqual([false, true, true]);
  expect((await view(ids[1] ?? '')).status).toBe('running');
});
