import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { type FolderWatch, watchFolder } from '../../lib/adapters/filesystem/watch.ts';
import type { TidemarkError } from '../../lib/core/errors.ts';
import { type FolderUnderTest, newFolder, REAL_CLOCK } from '../fixtures/folder.ts';
import { put, sightLike, text } from './object-store-support.ts';

const WITHIN = { timeout: 10_000, interval: 10 };

describe('the watch of a folder', () => {
  let folder: FolderUnderTest;
  let watch: FolderWatch;
  let keys: string[];
  let gone: string[];
  let errors: TidemarkError[];

  async function start(): Promise<void> {
    watch = watchFolder(folder.store, (key) => keys.push(key), {
      onError: (error) => errors.push(error),
      onFolderGone: (prefix) => gone.push(prefix),
      quietMs: 20,
    });
    await watch.ready;
  }
  beforeEach(async () => {
    folder = await newFolder();
    [keys, gone, errors] = [[], [], []];
  });
  afterEach(async () => {
    watch.close();
    await folder.dispose();
  });

  const at = (path: string): string => join(folder.root, path);
  /** Awaits a report of each key, then forgets all reports. */
  async function reported(...expected: string[]): Promise<void> {
    await expect.poll(() => keys, WITHIN).toEqual(expect.arrayContaining(expected));
    keys.length = 0;
  }

  it('reports create, overwrite, append, rename and delete', async () => {
    await start();
    await writeFile(at('a.txt'), 'one');
    await reported('a.txt');
    await writeFile(at('a.txt'), 'two');
    await reported('a.txt');
    await appendFile(at('a.txt'), 'more');
    await reported('a.txt');
    await rename(at('a.txt'), at('b.txt'));
    await reported('a.txt', 'b.txt');
    await rm(at('b.txt'));
    await reported('b.txt');
    expect(errors).toEqual([]);
  });

  it('sees into directories that were there, and into new ones however deep and fast', async () => {
    await mkdir(at('old/deep'), { recursive: true });
    await start();
    await writeFile(at('old/deep/x'), 'x');
    await reported('old/deep/x');
    await mkdir(at('n/e/w'), { recursive: true });
    await writeFile(at('n/e/w/first'), 'x');
    await reported('n/e/w/first');
    await writeFile(at('n/e/w/second'), 'x');
    await reported('n/e/w/second');
    const many = Array.from({ length: 50 }, (_, i) => `m/${i}/x`);
    for (const path of many) {
      await mkdir(at(path.slice(0, -2)), { recursive: true });
      await writeFile(at(path), 'x');
    }
    await reported(...many);
  });

  it('reports what comes with a folder that is moved in, and the prefix of one that is moved out', async () => {
    await mkdir(join(folder.base, 'come/sub'), { recursive: true });
    await writeFile(join(folder.base, 'come/sub/x'), 'x');
    await start();
    await rename(join(folder.base, 'come'), at('here'));
    await reported('here/sub/x');
    await rename(at('here'), join(folder.base, 'trash'));
    await expect.poll(() => gone, WITHIN).toEqual(['here/']);
    await writeFile(join(folder.base, 'trash/sub/elsewhere'), 'x');
    await mkdir(at('here/sub'), { recursive: true });
    await writeFile(at('here/sub/again'), 'x');
    await expect.poll(() => keys, WITHIN).toContain('here/sub/again');
    expect(keys).not.toContain('here/sub/elsewhere');
  });

  it('sees into a directory that was replaced by one of its name before anyone looked', async () => {
    await mkdir(at('d'));
    await start();
    rmdirSync(at('d'));
    mkdirSync(at('d'));
    await writeFile(at('d/x'), 'x');
    await reported('d/x');
    await writeFile(at('d/y'), 'y');
    await reported('d/y');
  });

  it('reports each key of a folder that is deleted', async () => {
    await mkdir(at('d/e'), { recursive: true });
    await writeFile(at('d/x'), 'x');
    await writeFile(at('d/e/y'), 'y');
    await start();
    await rm(at('d'), { recursive: true });
    await reported('d/x', 'd/e/y');
  });

  it('reports a key whose file became a folder', async () => {
    await writeFile(at('a'), 'x');
    await start();
    await rm(at('a'));
    await mkdir(at('a'));
    await reported('a');
  });

  it('reports writes and removes of objects, plain and encoded, and nothing of its own files', async () => {
    await start();
    for (const key of ['plain/k', '/encoded', 'x'.repeat(600)]) {
      await put(folder.store, key, text('x'), { like: sightLike({ metadata: { a: 'b' } }) });
      await reported(key);
      await folder.store.remove(key);
      await expect.poll(() => keys, WITHIN).toContain(key);
    }
    expect(keys.filter((key) => key.includes('.tidemark') || /^[\da-f-]{36}$/.test(key))).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('passes a burst on one key on as few looks', async () => {
    await start();
    for (let i = 0; i < 200; i++) await appendFile(at('log'), 'line\n');
    await writeFile(at('end'), 'x');
    await expect.poll(() => keys, WITHIN).toContain('end');
    expect(keys.filter((key) => key === 'log').length).toBeLessThan(20);
  });

  it('tells of a root that is not there, and survives a consumer that throws', async () => {
    watch = watchFolder(new FolderBucket(join(folder.base, 'nowhere'), { clock: REAL_CLOCK }), () => {}, { onError: (error) => errors.push(error) });
    await watch.ready;
    expect(errors.map(({ code }) => code)).toEqual(['BUCKET_MISSING']);
    errors.length = 0;
    const broken = (): void => {
      throw new Error('consumer');
    };
    watch = watchFolder(folder.store, broken, { onError: (error) => errors.push(error), quietMs: 20 });
    await watch.ready;
    await writeFile(at('a'), 'x');
    await expect.poll(() => errors.map(({ message }) => message), WITHIN).toContain('consumer');
  });

  it('tells when the root itself goes away', async () => {
    await start();
    await rename(folder.root, join(folder.base, 'elsewhere'));
    await expect.poll(() => gone, WITHIN).toEqual(['']);
  });

  it('tells when another directory stands in the place of the root, and takes its name for no key', async () => {
    await start();
    renameSync(folder.root, join(folder.base, 'elsewhere'));
    mkdirSync(folder.root);
    await expect.poll(() => gone, WITHIN).toEqual(['']);
    expect(keys).toEqual([]);
  });

  it('reports nothing once it is closed', async () => {
    await start();
    watch.close();
    await writeFile(at('a'), 'x');
    const other = watchFolder(folder.store, (key) => keys.push(`other ${key}`), { onError: (error) => errors.push(error), quietMs: 20 });
    await other.ready;
    await writeFile(at('b'), 'x');
    await expect.poll(() => keys, WITHIN).toContain('other b');
    other.close();
    expect(keys.filter((key) => !key.startsWith('other'))).toEqual([]);
  });
});
