import { afterEach, beforeEach, expect, it } from 'vitest';
import { TidemarkError } from '../../lib/core/errors.ts';
import { appliedObject } from '../../lib/core/objects/plan.ts';
import { emptyRecord } from '../../lib/core/objects/record.ts';
import { canaryKey } from '../../lib/core/routes/route.ts';
import { believedSides, type Reconciled, reconcile } from '../../lib/usecases/reconcile.ts';
import { put } from '../embedded/support.ts';
import { HandlerWorld } from '../fixtures/handler-world.ts';

let world: HandlerWorld;

beforeEach(async () => {
  world = await HandlerWorld.create();
});

afterEach(() => world.dispose());

async function run(): Promise<Reconciled> {
  const { runtime } = world;
  const [route] = runtime.routes;
  if (!route) throw new Error('there is a route');
  return reconcile(runtime, route, (await runtime.link(route)).link, 0);
}

/** At the destination alone, and recorded as copied from this source. */
async function gone(key: string): Promise<void> {
  const { runtime } = world;
  const destination = runtime.store('secondary');
  await put(destination, key, 'copied');
  const seen = await destination.head(key);
  if (!seen.present) throw new Error('it was just written');
  const now = runtime.clock.now();
  const record = { ...emptyRecord('primary-secondary', key, now), version: 1, applied: appliedObject(seen.sight, seen.sight, undefined, now) };
  await runtime.state.put(record, 0);
}

it('takes what is gone at the source for a candidate to delete', async () => {
  await put(world.runtime.store('primary'), 'stays.txt', 'here');
  await gone('gone.txt');

  expect(await run()).toMatchObject({ compared: 2, queued: 2, deleteCandidates: 1 });
});

it('takes a source that lists nothing at all for no evidence of anything', async () => {
  await gone('gone.txt');

  expect(await run()).toMatchObject({ compared: 1, queued: 0, deleteCandidates: 0 });
});

it('takes a source that holds nothing but our own canary or probe for one that lists nothing', async () => {
  await gone('gone.txt');
  const source = world.runtime.store('primary');
  await put(source, canaryKey({ name: 'primary-secondary', prefix: '' }), 'ours');
  await put(source, '.tidemark-probe/left', 'ours');

  expect(await run()).toMatchObject({ compared: 3, queued: 0, deleteCandidates: 0 });
  const { runtime } = world;
  const [route] = runtime.routes;
  if (!route) throw new Error('there is a route');
  expect(await believedSides((await runtime.link(route)).link, route)).toEqual({ from: false, to: true });
});

it('pauses the deletes of a route whose bucket is gone, where another could take its place unrecognised', async () => {
  const { runtime } = world;
  const [route] = runtime.routes;
  if (!route) throw new Error('there is a route');
  const { link } = await runtime.link(route);
  const missing = (provesIdentity: boolean) => ({
    ...link,
    source: Object.assign(Object.create(link.source), {
      provesIdentity,
      check: () => Promise.reject(new TidemarkError('BUCKET_MISSING', 'it is gone')),
    }),
  });
  const pausedAfter = async (provesIdentity: boolean): Promise<boolean> => {
    await expect(reconcile(runtime, route, missing(provesIdentity), 0)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
    return (await runtime.deletes.read(route.name, runtime.clock.now())).pausedAt !== null;
  };

  expect(await pausedAfter(false)).toBe(false);
  await gone('applied.txt');
  expect(await pausedAfter(true)).toBe(false);
  expect(await pausedAfter(false)).toBe(true);
});
