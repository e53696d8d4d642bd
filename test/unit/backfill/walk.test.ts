/** One range, walked by the use-case itself: stopped, killed, held back, and taken over. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runtime } from '../../../lambdas/shared/runtime.ts';
import { backfillOf } from '../../../lib/core/backfill/message.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import { planBackfill } from '../../../lib/usecases/backfill/plan.ts';
import { estimateBackfill, startBackfill } from '../../../lib/usecases/backfill/start.ts';
import { type WalkTerms, walkRange } from '../../../lib/usecases/backfill/walk.ts';
import { HandlerWorld } from '../../fixtures/handler-world.ts';

const KEYS = 25;
const WALK = { mostWaiting: 1_000, patienceMs: 0, pageKeys: 10 } as const;

let world: HandlerWorld;

beforeEach(async () => {
  world = await HandlerWorld.create({ instead: () => ({ workflow: { start: async () => undefined, stop: async () => undefined } }) });
  for (let n = 0; n < KEYS; n++) await world.put(`key-${String(n).padStart(3, '0')}`, 'text');
});

afterEach(() => world.dispose());

/** @returns the id of a job that is planned: one range, since a folder lists in no order */
async function planned(mode: 'missing' | 'all' = 'all'): Promise<string> {
  const { runtime } = world;
  const [route] = runtime.routes;
  if (!route) throw new Error('there is a route');
  const terms = { looks: 8, deadline: runtime.clock.now() + 10_000 };
  const started = await startBackfill(runtime, { route, prefix: '', mode }, await estimateBackfill(runtime, { route, prefix: '', mode }, terms));
  if ('refused' in started) throw new Error('it is the only one');
  expect(await planBackfill(runtime, started.job.id, terms)).toBe(1);
  return started.job.id;
}

const walk = (id: string, terms: Partial<WalkTerms> = {}, runtime: Runtime = world.runtime) =>
  walkRange(runtime, id, 0, { ...WALK, deadline: world.clock.now() + 60_000, ...terms });

async function progress(id: string): Promise<Record<string, unknown>> {
  return (await world.call('GET', `/backfill/${id}`)).body;
}

/** Keys in the queue, as often as they lie there. */
async function queued(): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (;;) {
    const batch = await world.queue.receive({ max: 100, visibilitySec: 600 });
    if (batch.length === 0) return bodies.map((body) => String(JSON.parse(body).key)).sort();
    bodies.push(...batch.map(({ body }) => body));
    expect(batch.every(({ body }) => backfillOf(body) !== null)).toBe(true);
  }
}

/** The same, but for what is given. */
function instead<T extends object>(whole: T, parts: Partial<T>): T {
  return new Proxy(whole, {
    get: (target, name) => {
      const value: unknown = Reflect.get(Object.hasOwn(parts, name) ? parts : target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const EVERY_KEY = Array.from({ length: KEYS }, (_, n) => `key-${String(n).padStart(3, '0')}`);

describe('a walk', () => {
  it('stops when its time is over, and goes on where it was: each key is queued once', async () => {
    const id = await planned();

    const states: string[] = [];
    do states.push((await walk(id, { deadline: world.clock.now() })).state);
    while (states.at(-1) === 'more');

    expect(states).toEqual(['more', 'more', 'done']);
    expect(await progress(id)).toMatchObject({ status: 'done', listed: KEYS, enqueued: KEYS });
    expect(await queued()).toEqual(EVERY_KEY);
  });

  it('repeats one page at most when it is killed between queueing and writing down how far it is', async () => {
    const id = await planned();
    const killed = (writes: number): Runtime => {
      let left = writes;
      const { backfills } = world.runtime;
      const putRange: typeof backfills.putRange = (range, expected) =>
        left-- > 0 ? backfills.putRange(range, expected) : Promise.reject(new Error('killed'));
      return { ...world.runtime, backfills: instead(backfills, { putRange }) };
    };

    await expect(walk(id, {}, killed(1))).rejects.toThrow('killed');
    await expect(walk(id, {}, killed(0))).rejects.toThrow('killed');
    expect((await walk(id)).state).toBe('done');

    expect(await progress(id)).toMatchObject({ listed: KEYS, enqueued: KEYS });
    const repeated = EVERY_KEY.slice(10, 20);
    expect(await queued()).toEqual([...EVERY_KEY, ...repeated, ...repeated].sort());
  });

  it('adds nothing to a queue that is full, and waits for room as long as it may', async () => {
    const id = await planned();

    expect((await walk(id, { mostWaiting: 10 })).state).toBe('full');
    expect(await world.queue.stats()).toMatchObject({ waiting: 10 });
    const walking = walk(id, { mostWaiting: 10, patienceMs: 30_000 });
    while (await world.replayOnce());

    const drained = setInterval(() => void world.replayOnce(), 20);
    expect((await walking).state).toBe('done');
    clearInterval(drained);
    expect(await progress(id)).toMatchObject({ listed: KEYS, enqueued: KEYS });
  });

  it('ends at its next page when the backfill is cancelled', async () => {
    const id = await planned();
    await walk(id, { deadline: world.clock.now() });

    await world.call('POST', `/backfill/${id}/cancel`);

    expect((await walk(id)).state).toBe('stopped');
    expect(await progress(id)).toMatchObject({ status: 'cancelled', listed: 10, enqueued: 10 });
  });

  it('that is under way ends after the page at which it finds the backfill cancelled', async () => {
    const id = await planned();
    const walking = walk(id, { mostWaiting: 10, patienceMs: 30_000 });
    await expect.poll(() => progress(id)).toMatchObject({ listed: 10 });

    await world.call('POST', `/backfill/${id}/cancel`);
    while (await world.replayOnce());

    expect((await walking).state).toBe('stopped');
    expect(await progress(id)).toMatchObject({ status: 'cancelled', listed: 20 });
  });

  it.each(['missing', 'all'] as const)('passes on what was listed of keys of which the destination lists none: mode %s', async (mode) => {
    const body = Buffer.from('another');
    await world.destination.write('key-000', body, { size: body.length, like: { etag: '', size: 7, lastModified: 0, headers: {}, metadata: {} } });
    await walk(await planned(mode), { pageKeys: 2 });

    const batch = await world.queue.receive({ max: 100, visibilitySec: 600 });
    const listed = new Map(batch.map((message): [string, unknown] => [JSON.parse(message.body).key, JSON.parse(message.body).listed]));

    expect([...listed.keys()].sort()).toEqual(EVERY_KEY);
    const { objects } = await world.source.list({});
    // Whoever asks for all does not list the destination.
    for (const { key, ...told } of objects) expect(listed.get(key)).toEqual(mode === 'missing' && key === 'key-000' ? undefined : told);
  });

  it('of two on one range, one stops', async () => {
    const id = await planned();

    const states = await Promise.all([walk(id), walk(id)]);

    expect(states.map(({ state }) => state).sort()).toEqual(['done', 'stopped']);
    expect(await progress(id)).toMatchObject({ status: 'done', listed: KEYS, enqueued: KEYS });
  });

  it('queues nothing when a side is gone: it does not look empty', async () => {
    const id = await planned('missing');
    const { runtime } = world;
    const gone: Runtime = {
      ...runtime,
      link: async (route) => {
        const linked = await runtime.link(route);
        const check = () => Promise.reject(new TidemarkError('BUCKET_MISSING', 'it is gone'));
        return { ...linked, link: { ...linked.link, destination: instead(linked.link.destination, { check }) } };
      },
    };

    await expect(walk(id, {}, gone)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });

    expect(await queued()).toEqual([]);
  });

  it('refuses a store that was found to list in order and does not', async () => {
    const { runtime } = world;
    const id = await planned('missing');
    const object = (key: string) => ({ key, etag: 'e', size: 1, lastModified: 0 });
    const liar: Runtime = {
      ...runtime,
      link: async (route) => {
        const linked = await runtime.link(route);
        const capabilities = async () => ({ ...(await linked.link.source.capabilities()), listsInOrder: true });
        const list = async () => ({ objects: ['b', 'a'].map(object) });
        return { ...linked, link: { ...linked.link, source: instead(linked.link.source, { capabilities, list }) } };
      },
    };

    await expect(walk(id, {}, liar)).rejects.toMatchObject({ code: 'REJECTED', message: expect.stringContaining('out of order') });
  });
});
