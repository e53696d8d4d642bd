/** What a folder holds besides objects: directories that may not be read, and names that are no text. */
import { rmdirSync } from 'node:fs';
import { chmod, lchown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import type { Unnameable } from '../../lib/adapters/filesystem/listing.ts';
import { TreeWatch } from '../../lib/adapters/filesystem/tree-watch.ts';
import { watchFolder } from '../../lib/adapters/filesystem/watch.ts';
import type { TidemarkError } from '../../lib/core/errors.ts';
import { type FolderUnderTest, newFolder } from '../fixtures/folder.ts';
import { listAll, put, text } from './object-store-support.ts';

let folder: FolderUnderTest;
let store: FolderBucket;
beforeEach(async () => {
  folder = await newFolder();
  store = folder.store;
});
afterEach(() => folder.dispose());

const at = (path: string): string => join(folder.root, path);
const keys = async (): Promise<string[]> => (await listAll(store)).map(({ key }) => key).sort();

/** Watches from now on, until `act` is through. @returns what went wrong and which keys were told */
async function watching(act: (keys: readonly string[]) => Promise<void>): Promise<{ errors: readonly TidemarkError[]; keys: readonly string[] }> {
  const errors: TidemarkError[] = [];
  const told: string[] = [];
  const watch = watchFolder(store, (key) => told.push(key), { onError: (error) => errors.push(error), quietMs: 20 });
  await watch.ready;
  await act(told);
  watch.close();
  return { errors, keys: told };
}

describe('a directory that may not be read', () => {
  const NOBODY = 65_534;
  const closed: string[] = [];

  /** Permissions bind anyone but root. */
  async function asNobody(act: () => Promise<void>): Promise<void> {
    if (process.geteuid?.() !== 0) return act();
    const entries = await readdir(folder.base, { recursive: true });
    for (const entry of ['', ...entries]) await lchown(join(folder.base, entry), NOBODY, NOBODY);
    process.seteuid?.(NOBODY);
    try {
      await act();
    } finally {
      process.seteuid?.(0);
    }
  }

  async function close(path: string, mode: number): Promise<void> {
    await mkdir(at(path), { recursive: true });
    await writeFile(at(`${path}/hidden`), 'x');
    await chmod(at(path), mode);
    closed.push(at(path));
  }

  beforeEach(() => put(store, 'beside/k', text('x')));
  afterEach(async () => {
    for (const path of closed.splice(0)) await chmod(path, 0o700);
  });

  it('is skipped where it is the lost+found of a file system', async () => {
    await close('lost+found', 0);
    await asNobody(async () => {
      expect(await keys()).toEqual(['beside/k']);
      expect((await watching(async () => undefined)).errors).toEqual([]);
      await expect(store.head('lost+found/hidden')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    });
  });

  it('is no exception where lost+found may be read', async () => {
    await close('lost+found', 0o700);
    expect(await keys()).toEqual(['beside/k', 'lost+found/hidden']);
  });

  it.each([
    ['secret', 0],
    ['deep/lost+found', 0],
    ['listed but not entered', 0o400],
  ])('fails the listing with its name and what to do: %s', async (path, mode) => {
    await close(path, mode);
    await asNobody(async () => {
      const error: unknown = await store.list({}).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining(at(path)), fix: expect.stringContaining(at(path)) });
      expect(error).toMatchObject({
        message: expect.stringContaining('file permissions'),
        fix: expect.stringMatching(/^(?!.*(KMS|access key)).*chmod/),
      });
    });
  });

  it('leaves the watch incomplete, with its name and what to do', async () => {
    await close('secret', 0);
    await asNobody(async () => {
      const { errors } = await watching(async (told) => {
        await writeFile(at('beside/new'), 'x');
        await expect.poll(() => told).toContain('beside/new');
      });
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({
        code: 'ACCESS_DENIED',
        message: expect.stringContaining(at('secret')),
        fix: expect.stringContaining('chmod'),
      });
    });
  });
});

describe('a name that can be no key', () => {
  /** Latin-1, as an old archive unpacks it. */
  const latin = (path: string): Buffer => Buffer.from(at(path), 'latin1');
  const LONG = Array.from({ length: 5 }, () => 'n'.repeat(250)).join('/');
  let told: Unnameable[];
  beforeEach(() => {
    told = [];
    store.tellUnnameable((found) => told.push(found));
  });

  it('is told once per listing, however many pages that has', async () => {
    await Promise.all(Array.from({ length: 1_001 }, (_, i) => put(store, `a/${i}`, text('x'))));
    await writeFile(latin('a/caf\xe9'), 'x');
    await mkdir(latin('\xfcber'));
    await writeFile(latin('\xfcber/x'), 'x');
    await mkdir(at(LONG), { recursive: true });
    await writeFile(at(`${LONG}/x`), 'x');
    expect(await keys()).toHaveLength(1_001);
    expect(told).toEqual([{ count: 3, first: '\u{FFFD}ber' }]);
    await keys();
    expect(told).toHaveLength(2);
    await listAll(store, 'b');
    expect(told).toHaveLength(2);
  });

  it('takes nothing from a neighbour whose name holds the very sign that stands for such bytes', async () => {
    for (const name of ['d\u{FFFD}', 'd\xe9']) await mkdir(name.includes('\xe9') ? latin(name) : at(name));
    await writeFile(at('d\u{FFFD}/k\u{FFFD}'), 'x');
    await writeFile(latin('k\xe9'), 'x');
    expect(await keys()).toEqual(['d\u{FFFD}/k\u{FFFD}']);
    expect(told).toMatchObject([{ count: 2 }]);
  });

  it('is no change of any key', async () => {
    const { errors, keys: changed } = await watching(async (seen) => {
      await writeFile(latin('caf\xe9'), 'x');
      await mkdir(latin('\xfcber'));
      await mkdir(at('moved in'));
      await writeFile(latin('moved in/caf\xe9'), 'x');
      await writeFile(at('moved in/k\u{FFFD}'), 'x');
      await expect.poll(() => seen).toContain('moved in/k\u{FFFD}');
    });
    expect(changed.filter((key) => key.includes('\u{FFFD}') && key !== 'moved in/k\u{FFFD}')).toEqual([]);
    expect(errors).toEqual([]);
  });
});

it('is no failure of a watch that a directory goes away just as it is about to be watched', async () => {
  await mkdir(at('fleeting'));
  await mkdir(at('stays'));
  const errors: unknown[] = [];
  const told: string[] = [];
  const tree = new TreeWatch(folder.root, {
    path: (path) => told.push(path),
    gone: () => undefined,
    failed: (error) => errors.push(error),
    mounted: async () => undefined,
    // Asked between the look at a directory and its watch.
    ignores: (directory) => {
      if (directory === 'fleeting') rmdirSync(at('fleeting'));
      return directory === '.tidemark';
    },
  });
  await tree.add('', false);
  await writeFile(at('stays/x'), 'x');
  await expect.poll(() => told).toContain('stays/x');
  tree.close();
  expect(errors).toEqual([]);
});
