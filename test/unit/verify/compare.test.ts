/** Pages of keys compared over two folders, whatever their listings were told to say. */
import { afterEach, describe, expect, it } from 'vitest';
import type { RouteInput } from '../../../lib/config/define.ts';
import type { Sides } from '../../../lib/core/verify/judge.ts';
import { Comparison, type ComparisonTerms } from '../../../lib/usecases/verify/compare.ts';
import { put } from '../../embedded/support.ts';
import { HandlerWorld } from '../../fixtures/handler-world.ts';

let world: HandlerWorld;
afterEach(() => world.dispose());

async function comparison(route: Partial<RouteInput>, terms: Partial<ComparisonTerms>): Promise<Comparison> {
  world = await HandlerWorld.create({ routes: [{ from: 'primary', to: 'secondary', ...route }] });
  const { runtime } = world;
  const [resolved] = runtime.routes;
  if (!resolved) throw new Error('there is a route');
  const { link } = await runtime.link(resolved);
  const given = { since: Number.POSITIVE_INFINITY, deadline: Number.POSITIVE_INFINITY, deep: false, deepMost: Number.POSITIVE_INFINITY, ...terms };
  return new Comparison(runtime, resolved, link, given);
}

const listed = (key: string, ours: string, theirs?: string): Sides => {
  const held = (etag: string) => ({ etag, size: 1, lastModified: 0 });
  return { key, source: held(ours), ...(theirs === undefined ? {} : { destination: held(theirs) }) };
};

describe('a page that is cut by its time', () => {
  it('counts what it passed, and leaves the rest to whoever goes on', async () => {
    const compared = await comparison({}, { deadline: 0 });
    // Every second key is equal by its etag, the others must be looked at: 32 at once are, before the time is asked for.
    const page = Array.from({ length: 200 }, (_, n) => listed(`key-${String(n).padStart(3, '0')}`, 'e', n % 2 === 0 ? 'e' : 'other'));

    const { keys, counts, differences, doubts } = await compared.listed(page);

    expect(keys).toBe(65);
    expect(counts).toMatchObject({ equal: 33 });
    expect(counts.equal + differences.length + doubts.length).toBeLessThanOrEqual(keys);
  });
});

describe('a route that carries what has a tag', () => {
  it.each([false, true])('misses nothing that has none of it (deep: %s)', async (deep) => {
    const compared = await comparison({ tags: { class: 'public' } }, { deep });
    const store = world.runtime.store('primary');
    await put(store, 'private', 'x');
    await put(store, 'public', 'x');
    await store.putTags('public', { class: 'public' });
    const page = await Promise.all(
      ['private', 'public'].map(async (key) => {
        const seen = await store.head(key);
        return seen.present ? { key, source: seen.sight } : { key };
      }),
    );
    world.clock.advance(60_000);

    const { differences, doubts, counts } = await compared.listed(page);

    expect([...differences.map(({ key }) => key), ...doubts]).toEqual(['public']);
    expect(counts.equal).toBe(0);
  });
});
