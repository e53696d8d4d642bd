/** Something is mounted below the root of a folder. The devices are made up: not everyone who runs this may mount. */
import { lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import type { DeviceOf } from '../../lib/adapters/filesystem/mounts.ts';
import { TreeWatch } from '../../lib/adapters/filesystem/tree-watch.ts';
import { type FolderUnderTest, newFolder, REAL_CLOCK } from '../fixtures/folder.ts';
import { listAll, put, text } from './object-store-support.ts';

let folder: FolderUnderTest;
/** Device by mount point, relative to the root. */
let mounted: Map<string, bigint>;
beforeEach(async () => {
  folder = await newFolder();
  mounted = new Map();
});
afterEach(() => folder.dispose());

const at = (path: string): string => join(folder.root, path);
const list = (): string => at('.tidemark/mounts');

const deviceOf: DeviceOf = async (path) => {
  const isThere = await lstat(path).catch(() => null);
  if (!isThere?.isDirectory()) return undefined;
  const above = [...mounted].filter(([point]) => path === at(point) || path.startsWith(`${at(point)}/`));
  return above.sort(([a], [b]) => b.length - a.length)[0]?.[1] ?? 1n;
};

/** What a new process sees. */
const fresh = (): FolderBucket => new FolderBucket(folder.root, { clock: REAL_CLOCK, deviceOf });

async function mountAt(point: string, device: bigint): Promise<void> {
  mounted.set(point, device);
  await mkdir(at(point), { recursive: true });
  await writeFile(at(`${point}/file`), 'x');
}

async function unmount(point: string): Promise<void> {
  mounted.delete(point);
  await rm(at(point), { recursive: true });
  await mkdir(at(point));
}

function missing(point: string): object {
  const message = expect.stringMatching(/was mounted and is not mounted now: mount it again; or, .* remove its line from .*\/\.tidemark\/mounts$/);
  return { code: 'BUCKET_MISSING', message, fix: expect.stringContaining(at(point)), fields: { folder: folder.root, directory: point } };
}

describe('a folder with a mount point that a listing saw', () => {
  beforeEach(async () => {
    await mountAt('photos', 2n);
    expect((await listAll(fresh())).map(({ key }) => key)).toEqual(['photos/file']);
  });

  it('is not believed while it is not mounted, in this process or the next', async () => {
    await put(fresh(), 'beside', text('x'));
    await unmount('photos');
    const store = fresh();
    const refused: readonly (() => Promise<unknown>)[] = [
      () => store.check(),
      () => store.id(),
      () => store.list({}),
      () => store.list({ prefix: 'photos/' }),
      () => store.head('photos/file'),
      () => store.read('photos/file', { etag: 'any' }),
      () => store.remove('photos/file'),
      () => put(store, 'photos/file', text('hidden by the next mount')),
    ];
    for (const act of refused) await expect(act()).rejects.toMatchObject(missing('photos'));
  });

  it('is not believed when the mount point is gone altogether', async () => {
    mounted.clear();
    await rm(at('photos'), { recursive: true });
    await expect(fresh().head('photos/file')).rejects.toMatchObject(missing('photos'));
  });

  it('fails a listing that it vanished from on the way', async () => {
    const store = fresh();
    await Promise.all(Array.from({ length: 1_001 }, (_, i) => put(store, `a/${i}`, text('x'))));
    const { next } = await store.list({});
    await unmount('photos');
    await expect(store.list({ token: next ?? '' })).rejects.toMatchObject(missing('photos'));
  });

  it('is believed again with anything mounted there', async () => {
    await unmount('photos');
    await mountAt('photos', 3n);
    await rm(at('photos/file'));
    expect(await fresh().head('photos/file')).toEqual({ present: false });
  });

  it('is believed once its line is removed, also by a process that knew it', async () => {
    await unmount('photos');
    const store = fresh();
    await expect(store.check()).rejects.toMatchObject(missing('photos'));
    const lines = (await readFile(list(), 'utf8')).split('\n');
    await writeFile(list(), lines.filter((line) => line !== 'photos').join('\r\n'));
    await store.check();
    expect(await store.head('photos/file')).toEqual({ present: false });
    expect(await listAll(store)).toEqual([]);
  });
});

describe('mount points', () => {
  it('are known by whoever looks below them, and kept beside each other', async () => {
    await mountAt('a/b', 2n);
    await mountAt('c', 3n);
    await listAll(fresh(), 'a/b/f');
    await fresh().noteMount('c');
    await unmount('c');
    await expect(fresh().check()).rejects.toMatchObject(missing('c'));
    await mountAt('c', 3n);
    await unmount('a/b');
    await expect(fresh().check()).rejects.toMatchObject(missing('a/b'));
  });

  it('may be nested: the inner one is missed though the outer one is there', async () => {
    await mountAt('a', 2n);
    await mountAt('a/b', 3n);
    await listAll(fresh());
    await unmount('a/b');
    await expect(fresh().check()).rejects.toMatchObject(missing('a/b'));
  });

  it.each(['line\nbreak', '# no comment', '100%25', ' spaces '])('may be called %j', async (name) => {
    await mountAt(name, 2n);
    await listAll(fresh());
    await fresh().check();
    await unmount(name);
    await expect(fresh().check()).rejects.toMatchObject(missing(name));
  });

  it('are none of the directories that merely lie there, nor those inside a mount', async () => {
    await put(fresh(), 'plain/deep/x', text('x'));
    await mountAt('m', 2n);
    await mkdir(at('m/inside'));
    await listAll(fresh());
    for (const directory of ['plain', 'm/inside', 'nowhere']) await fresh().noteMount(directory);
    expect((await readFile(list(), 'utf8')).split('\n').filter((line) => !line.startsWith('#'))).toEqual(['m', '']);
  });

  // The one mount that every Linux has.
  it('are seen by a watch, too', async () => {
    const seen: string[] = [];
    const errors: unknown[] = [];
    const watch = new TreeWatch('/', {
      path: () => undefined,
      gone: () => undefined,
      failed: (error) => errors.push(error),
      ignores: (directory) => !['', 'proc'].includes(directory),
      mounted: async (directory) => void seen.push(directory),
    });
    await watch.add('', false);
    watch.close();
    expect(errors).toEqual([]);
    expect(seen).toEqual(['proc']);
  });
});
