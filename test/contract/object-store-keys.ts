/** The part of the object store contract that is about keys and listings. */
import { describe, expect, it } from 'vitest';
import type { RegionStore } from '../../lib/ports/objects.ts';
import { AWKWARD_KEYS, isPosixPath } from '../fixtures/awkward-keys.ts';
import { byBytes, contentOf, inParallel, listAll, METADATA, put, type StoreTraits, seen, sightLike, text } from './object-store-support.ts';

/** @param current the store of the running test */
export function keysContract(current: () => RegionStore, traits: StoreTraits): void {
  describe('keys', () => {
    const storable = AWKWARD_KEYS.filter(({ label, key }) => (traits.keys === 'any' || isPosixPath(key)) && !traits.withoutKeys?.includes(label));

    it.each(storable)('holds $label', async ({ key }) => {
      const store = current();
      const { etag } = await put(store, key, text('first'), { like: sightLike({ metadata: METADATA }) });
      expect(await seen(store, key)).toMatchObject({ etag, metadata: METADATA });
      expect((await listAll(store)).map((object) => object.key)).toEqual([key]);
      await put(store, key, text(key));
      expect(await contentOf(store, key)).toBe(key);
      await store.remove(key);
      expect(await store.head(key)).toEqual({ present: false });
      expect(await listAll(store)).toEqual([]);
    });

    it('holds them all beside each other', { timeout: 30_000 }, async () => {
      const store = current();
      for (const { key } of storable) await put(store, key, text(key));
      for (const { key } of storable) expect(await contentOf(store, key)).toBe(key);
      const listed = (await listAll(store)).map(({ key }) => key);
      expect(listed.sort(byBytes)).toEqual(storable.map(({ key }) => key).sort(byBytes));
    });

    const nested = ['a', 'a/b', 'a/', 'a/b/c', 'a//b'];
    const orders: readonly (readonly [string, readonly string[]])[] = [
      ['the shorter first', nested],
      ['the longer first', nested.toReversed()],
    ];
    it.each(traits.keys === 'any' ? orders : [])('keeps a key beside those below it: %s', async (_order, keys) => {
      const store = current();
      for (const key of keys) await put(store, key, text(key));
      for (const key of keys) expect(await contentOf(store, key)).toBe(key);
      expect((await listAll(store)).map(({ key }) => key).sort(byBytes)).toEqual([...keys].sort(byBytes));
      for (const [i, key] of keys.entries()) {
        await store.remove(key);
        expect(await store.head(key)).toEqual({ present: false });
        for (const other of keys.slice(i + 1)) expect(await contentOf(store, other)).toBe(other);
      }
    });
  });

  describe('list', () => {
    it('pages through 2,500 objects, each exactly once', { timeout: 120_000 }, async () => {
      const store = current();
      const keys = Array.from({ length: 2_500 }, (_, i) => `page/${i % 7}/object-${i}`);
      await inParallel([...keys, 'pag', 'other/x'], 32, (key) => put(store, key, text(key)));
      const page = await store.list({ prefix: 'page/' });
      expect(page.objects.length).toBeLessThanOrEqual(1_000);
      expect(page.next).toBeDefined();
      const listed = (await listAll(store, 'page/')).map(({ key }) => key);
      expect([...listed].sort(byBytes)).toEqual([...keys].sort(byBytes));
      if (traits.listsInOrder) expect(listed).toEqual([...listed].sort(byBytes));
      expect(await listAll(store)).toHaveLength(2_502);
    });

    it('takes a prefix as a run of characters, not as a folder', async () => {
      const store = current();
      const keys = ['ab/c', 'ab/d', 'abc', 'b', 'ab%', 'AB/c'];
      for (const key of keys) await put(store, key, text(key));
      const under = async (prefix: string): Promise<string[]> => (await listAll(store, prefix)).map(({ key }) => key).sort(byBytes);
      expect(await under('ab')).toEqual(['ab%', 'ab/c', 'ab/d', 'abc']);
      expect(await under('ab/')).toEqual(['ab/c', 'ab/d']);
      expect(await under('ab/c')).toEqual(['ab/c']);
      expect(await under('none')).toEqual([]);
      expect(await under('')).toEqual([...keys].sort(byBytes));
    });

    it('begins after any text, in UTF-8 byte order, exactly', { timeout: 60_000 }, async () => {
      const store = current();
      const awkward = AWKWARD_KEYS.filter(({ label, key }) => isPosixPath(key) && !traits.withoutKeys?.includes(label)).map(({ key }) => key);
      const keys = [...awkward, 'walk/b', 'walk.txt', 'walk-1', 'walk/x/c', 'walk/x.c', '\u{10000}', '\uE000', '\uFFEE'];
      await inParallel(keys, 16, (key) => put(store, key, text(key)));
      const following = async (startAfter: string, prefix?: string): Promise<string[]> =>
        (await listAll(store, prefix, startAfter)).map(({ key }) => key).sort(byBytes);
      const texts = ['!', 'walk', 'walk/', 'walk/b', 'walk/x', 'w', 'z', '\uE000', '\uFFFF', '\u{10FFFF}', 'long', ...keys.slice(0, 8)];
      for (const startAfter of [...texts, `walk${'é'.repeat(800)}`]) {
        expect(await following(startAfter), startAfter).toEqual(keys.filter((key) => byBytes(key, startAfter) > 0).sort(byBytes));
      }
      expect(await following('walk/b', 'walk')).toEqual(['walk/x.c', 'walk/x/c']);
      expect(await following('a', 'walk/')).toEqual(['walk/b', 'walk/x.c', 'walk/x/c']);
      expect(await following('x', 'walk/')).toEqual([]);
    });

    it('pages through what follows a text, each object exactly once', { timeout: 120_000 }, async () => {
      const store = current();
      const keys = Array.from({ length: 2_200 }, (_, i) => `page/${i % 3}-${i}`);
      await inParallel(keys, 32, (key) => put(store, key, text(key)));
      const listed = (await listAll(store, 'page/', 'page/0-5')).map(({ key }) => key).sort(byBytes);
      expect(listed).toEqual(keys.filter((key) => byBytes(key, 'page/0-5') > 0).sort(byBytes));
    });

    it('lists in UTF-8 byte order where it was found to', async () => {
      const store = current();
      const { listsInOrder = false } = await store.capabilities();
      if (traits.listsInOrder) expect(listsInOrder).toBe(true);
      const keys = ['a/b', 'a.txt', 'a-1/x', 'a-1.x', 'a-', 'aé', 'a\u{10000}', 'a\uE000', 'a\uFFEE', 'b/c/d', 'b/c.d', 'b/c0', 'B/c', 'a0/x'];
      await inParallel(keys, 16, (key) => put(store, key, text(key)));
      if (listsInOrder) expect((await listAll(store)).map(({ key }) => key)).toEqual([...keys].sort(byBytes));
    });

    it('says of each object what HEAD says', async () => {
      const store = current();
      await put(store, 'k', text('four'));
      const { etag, size, lastModified } = await seen(store, 'k');
      const [listed, ...more] = await listAll(store);
      expect(more).toEqual([]);
      expect(listed).toMatchObject({ key: 'k', etag, size });
      expect(Math.floor((listed?.lastModified ?? 0) / 1_000)).toBe(Math.floor(lastModified / 1_000));
    });
  });
}
