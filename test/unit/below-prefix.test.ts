/** A destination below a prefix is a store like any other, under the source's keys. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RegionStore } from '../../lib/ports/objects.ts';
import { StoreBelowPrefix } from '../../lib/usecases/below-prefix.ts';
import { objectStoreContract } from '../contract/object-store.ts';
import { contentOf, isPrecondition, listAll, put, seen, text } from '../contract/object-store-support.ts';
import { type FolderUnderTest, newFolder } from '../fixtures/folder.ts';

const PREFIX = 'from-primary/😀';

objectStoreContract(
  'a folder below a prefix',
  async () => {
    const { base, root, store, dispose } = await newFolder();
    return { store: new StoreBelowPrefix(store, PREFIX), loseBucket: () => rename(root, join(base, 'elsewhere')), dispose };
  },
  {
    keys: 'any',
    // With the prefix before them, they are longer than any key.
    withoutKeys: ['1,024 bytes in short names', '1,024 bytes in one name', '1,024 bytes of four-byte characters'],
    tags: true,
    listsInOrder: false,
  },
);

describe('a destination prefix', () => {
  let folder: FolderUnderTest;
  let below: RegionStore;

  beforeEach(async () => {
    folder = await newFolder();
    below = new StoreBelowPrefix(folder.store, PREFIX);
  });

  afterEach(() => folder.dispose());

  it('stands before the key in the bucket itself', async () => {
    await put(below, 'a/b', text('x'));
    await below.putTags('a/b', { t: '1' });

    expect(await seen(folder.store, `${PREFIX}a/b`)).toMatchObject({ size: 1, tags: { t: '1' } });
    expect((await listAll(folder.store)).map(({ key }) => key)).toEqual([`${PREFIX}a/b`]);
  });

  it('hides what lies elsewhere, and what has its very name', async () => {
    for (const key of ['a/elsewhere', 'from-primary/', 'from-primary/a/b', PREFIX, `${PREFIX}a/ours`, `${PREFIX}other`])
      await put(folder.store, key, text(key));

    expect((await listAll(below, 'a/')).map(({ key }) => key)).toEqual(['a/ours']);
    expect((await listAll(below)).map(({ key }) => key).sort()).toEqual(['a/ours', 'other']);
    expect(await below.head('a/elsewhere')).toEqual({ present: false });
  });

  it('removes below it alone', async () => {
    await put(folder.store, 'k', text('not ours'));
    await put(below, 'k', text('ours'));

    await below.remove('k');

    expect(await below.head('k')).toEqual({ present: false });
    expect(await contentOf(folder.store, 'k')).toBe('not ours');
  });

  describe('that makes a key longer than 1,024 bytes', () => {
    const long = 'n'.repeat(1024 - Buffer.byteLength(PREFIX) + 1);

    it('lets nothing be written under it, by the name of the reason', async () => {
      const refused = { code: 'KEY_NOT_STORABLE', message: expect.stringContaining('longer than 1,024 bytes') };

      await expect(put(below, long, text('x'))).rejects.toMatchObject(refused);
      await expect(below.putTags(long, {})).rejects.toMatchObject(refused);
      await put(below, long.slice(1), text('fits'));
      expect(await contentOf(below, long.slice(1))).toBe('fits');
    });

    it('finds nothing there, so that a delete of the source is at its end', async () => {
      expect(await below.head(long)).toEqual({ present: false });
      await below.remove(long);
      await expect(below.read(long, { etag: 'e' })).rejects.toSatisfy(isPrecondition('source'));
    });

    it('says nothing of a bucket that cannot be believed', async () => {
      await rename(folder.root, join(folder.base, 'elsewhere'));

      await expect(below.head(long)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
      await expect(below.remove(long)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
    });
  });
});
