/** Backfills through the API, the loop and the handlers, between two folders. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { put } from '../../embedded/support.ts';
import { AWKWARD_KEYS } from '../../fixtures/awkward-keys.ts';
import { HandlerWorld } from '../../fixtures/handler-world.ts';

let world: HandlerWorld;

beforeEach(async () => {
  world = await HandlerWorld.create();
});

afterEach(() => world.dispose());

const ENDS = { srcRegion: 'primary', dstRegion: 'secondary' };

async function start(body: Record<string, unknown> = {}): Promise<string> {
  const { status, body: answer } = await world.call('POST', '/backfill', { ...ENDS, mode: 'missing', ...body });
  expect(status, JSON.stringify(answer)).toBe(202);
  return String(answer.id);
}

async function view(id: string): Promise<Record<string, unknown>> {
  return (await world.call('GET', `/backfill/${id}`)).body;
}

async function ends(id: string, status = 'done'): Promise<Record<string, unknown>> {
  await expect.poll(async () => (await view(id)).status, { timeout: 10_000 }).toBe(status);
  return view(id);
}

describe('a backfill', () => {
  it('copies whatever the destination lacks, whatever its key, and says how far it is', async () => {
    const keys = AWKWARD_KEYS.map(({ key }) => key);
    for (const key of keys) await world.put(key, key);

    const id = await start();

    expect(await ends(id)).toMatchObject({ listed: keys.length, enqueued: keys.length, planned: keys.length, waiting: keys.length, timeLeftMs: 0 });
    await world.drain();
    for (const key of keys) expect(await world.textAt(world.destination, key)).toBe(key);
    expect(await view(id)).toMatchObject({ done: keys.length, failed: 0, waiting: 0, ranges: { total: 1, done: 1 } });
  });

  it('queues only what differs where it is asked for what is missing, and everything where it is asked for all', async () => {
    for (const key of ['same', 'changed', 'missing']) await world.put(key, `${key} 1`);
    await ends(await start());
    await world.drain();
    await world.put('changed', 'changed 2');
    await world.destination.remove('missing');
    await put(world.destination, 'extra', 'of someone else');

    const missing = await ends(await start());
    await world.drain();
    const all = await ends(await start({ mode: 'all' }));
    await world.drain();

    expect(missing).toMatchObject({ listed: 3, enqueued: 2 });
    expect(all).toMatchObject({ listed: 3, enqueued: 3 });
    expect(await world.textAt(world.destination, 'changed')).toBe('changed 2');
    expect(await world.textAt(world.destination, 'missing')).toBe('missing 1');
  });

  it('never deletes: not what others put there, not what it copied itself', async () => {
    await world.put('stays', 'here');
    await world.put('goes', 'away');
    await ends(await start());
    await world.drain();
    await world.source.remove('goes');
    await put(world.destination, 'extra', 'of someone else');

    for (const mode of ['missing', 'all']) await ends(await start({ mode }));
    await world.drain();

    expect(await world.textAt(world.destination, 'goes')).toBe('away');
    expect(await world.textAt(world.destination, 'extra')).toBe('of someone else');
  });

  it('keeps to its prefix', async () => {
    for (const key of ['a/1', 'a/2', 'b/1', 'a']) await world.put(key, key);

    expect(await ends(await start({ prefix: 'a/' }))).toMatchObject({ listed: 2, enqueued: 2, prefix: 'a/' });
  });

  it('counts what failed, and lists it among the events', async () => {
    await world.put('fine', 'fine');
    await world.put('gone', 'gone');
    const id = await start();
    await ends(id);
    await world.source.remove('gone');

    await world.drain();

    expect(await view(id)).toMatchObject({ enqueued: 2, done: 1, failed: 1, waiting: 0 });
    const { body } = await world.call('GET', '/events?status=error');
    expect(body.events).toMatchObject([{ key: 'gone', status: 'error' }]);
  });

  it('is listed, the newest first', async () => {
    await world.put('k', 'k');
    const ids = [await start(), undefined, undefined];
    await ends(String(ids[0]));
    ids[1] = await start({ mode: 'all' });
    await ends(String(ids[1]));

    const first = await world.call('GET', '/backfill?limit=1');
    const second = await world.call('GET', `/backfill?limit=1&cursor=${String(first.body.cursor)}`);

    expect(first.body).toMatchObject({ backfills: [{ id: ids[1], mode: 'all', status: 'done', srcRegion: 'primary' }], partial: true });
    expect(second.body).toMatchObject({ backfills: [{ id: ids[0], mode: 'missing' }] });
  });
});

describe('a dry run', () => {
  it('answers an estimate and stores nothing', async () => {
    for (const key of ['a', 'b', 'c']) await world.put(key, 'four');
    await put(world.destination, 'a', 'four');

    const { status, body } = await world.call('POST', '/backfill', { ...ENDS, mode: 'missing', dryRun: true });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      dryRun: true,
      estimate: { objects: 3, bytes: 12, exact: true, copies: 2, copyBytes: 8, requests: { copy: 2 }, cost: { total: 0 } },
    });
    expect((await world.call('GET', '/backfill')).body.backfills).toEqual([]);
  });
});

describe('a second backfill', () => {
  /** Written by hand: one that runs for as long as the test wants. */
  async function running(prefix: string): Promise<string> {
    const { runtime } = world;
    const id = runtime.ids.next();
    const { body } = await world.call('POST', '/backfill', { ...ENDS, mode: 'missing', dryRun: true });
    const estimate = Object(body.estimate);
    const now = runtime.clock.now();
    await runtime.backfills.putClaims({ route: 'primary-secondary', version: 1, claims: [{ id, kind: 'backfill', prefix, at: now }] }, 0);
    const job = { id, version: 1, route: 'primary-secondary', prefix, mode: 'missing', status: 'planning', estimate } as const;
    await runtime.backfills.put({ ...job, boundaries: null, starts: 1, createdAt: now, updatedAt: now }, 0);
    return id;
  }

  it.each([
    ['the same keys', 'a/', 'a/'],
    ['some of its keys', 'a/', 'a/b'],
    ['its keys and others', 'a/b', ''],
  ])('of %s is refused with the id of the first', async (_what, first, second) => {
    const id = await running(first);

    const { status, body, headers } = await world.call('POST', '/backfill', { ...ENDS, mode: 'all', prefix: second });

    expect(status).toBe(409);
    expect(headers.location).toBe(`/backfill/${id}`);
    expect(body.detail).toContain(`(tidemark backfill watch ${id}), cancel it (tidemark backfill cancel ${id}, `);
    expect(body).toMatchObject({
      title: 'Conflict',
      errors: [{ field: 'prefix', message: expect.stringContaining(id), fix: expect.stringContaining('cancel') }],
    });
  });

  it('of other keys runs beside it; of the same keys once it is cancelled', async () => {
    const id = await running('a/');

    await ends(await start({ prefix: 'b/' }));
    expect((await world.call('POST', `/backfill/${id}/cancel`)).body).toMatchObject({ id, status: 'cancelled' });
    await ends(await start({ prefix: 'a/' }));

    expect((await view(id)).status).toBe('cancelled');
  });

  it('is let in when the first died before it wrote its job', async () => {
    const at = world.clock.now();
    await world.runtime.backfills.putClaims(
      { route: 'primary-secondary', version: 1, claims: [{ id: 'lost', kind: 'backfill', prefix: '', at }] },
      0,
    );
    expect((await world.call('POST', '/backfill', { ...ENDS, mode: 'all' })).status).toBe(409);

    world.clock.advance(61_000);

    await ends(await start());
  });

  it('of many at once, one is let in', async () => {
    await world.dispose();
    // Started, and never walked.
    world = await HandlerWorld.create({ instead: () => ({ workflow: { start: async () => undefined, stop: async () => undefined } }) });

    const answers = await Promise.all(Array.from({ length: 6 }, () => world.call('POST', '/backfill', { ...ENDS, mode: 'all' })));

    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409, 409]);
  });
});

describe('what cannot be done', () => {
  it.each([
    [{ mode: 'missing', dstRegion: 'secondary' }, 'srcRegion'],
    [{ ...ENDS, mode: 'some' }, 'mode'],
    [{ ...ENDS, srcRegion: 'nowhere', mode: 'all' }, 'srcRegion'],
    [{ srcRegion: 'secondary', dstRegion: 'primary', mode: 'all' }, 'dstRegion'],
    [{ ...ENDS, mode: 'all', prefix: 'x'.repeat(1025) }, 'prefix'],
    [{ ...ENDS, mode: 'all', dryrun: true }, 'dryrun'],
    ['nonsense', 'body'],
  ])('%j is refused by the name of the field', async (body, field) => {
    const answer = await world.call('POST', '/backfill', body);

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ field, fix: expect.any(String) }]);
  });

  it.each(['GET /backfill/none', 'POST /backfill/none/cancel', 'POST /backfill/none/resume'])('%s: there is none', async (line) => {
    const [method = '', path = ''] = line.split(' ');

    expect(await world.call(method, path)).toMatchObject({ status: 404, body: { errors: [{ field: 'id' }] } });
  });

  it('one that is done is neither cancelled nor resumed', async () => {
    const id = await start();
    await ends(id);

    expect((await world.call('POST', `/backfill/${id}/cancel`)).status).toBe(409);
    expect((await world.call('POST', `/backfill/${id}/resume`)).status).toBe(409);
  });
});
