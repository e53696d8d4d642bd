import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmdirSync } from 'node:fs';
import { access, lstat, mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { explained } from '../../lib/adapters/filesystem/failures.ts';
import { encodedPath, isKey, keyOfEncoded, keyOfPlain, plainPath } from '../../lib/adapters/filesystem/names.ts';
import { createRoot } from '../../lib/adapters/filesystem/root.ts';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';
import { type FolderUnderTest, newFolder, REAL_CLOCK } from '../fixtures/folder.ts';
import { versionOf } from '../fixtures/folder-writer.ts';
import { objectStoreContract } from './object-store.ts';
import { bytesOf, contentOf, listAll, put, seen, sightLike, text } from './object-store-support.ts';

objectStoreContract(
  'folder',
  async () => {
    const { base, root, store, dispose } = await newFolder();
    const loseBucket = async (): Promise<void> => {
      await rename(root, join(base, 'elsewhere'));
      await mkdir(root);
    };
    return { store, loseBucket, dispose };
  },
  { keys: 'any', tags: true, listsInOrder: false },
);

describe('the paths of keys', () => {
  const name = fc.oneof(
    fc.constantFrom('', '.', '..', 'a', 'b', '=', '%2F', '.tidemark', 'encoded', 'n'.repeat(200), 'n'.repeat(256)),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const anyKey = fc
    .array(name, { minLength: 1, maxLength: 5 })
    .map((names) => names.join('/'))
    .filter(isKey);

  it('lead back to the one key, inside the root, in names that every file system takes', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const encoded = encodedPath(key);
        expect(keyOfEncoded(encoded)).toBe(key);
        expect(encoded).toMatch(/^\.tidemark\/encoded(\/[\w%=-]{1,201})+$/);
        const plain = plainPath(key);
        if (plain === null) return;
        expect(keyOfPlain(plain)).toBe(key);
        expect(plain.split('/').some((part) => part === '' || part === '.' || part === '..' || Buffer.byteLength(part) > 255)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never stand in each other’s way in the encoded area', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        fc.pre(a !== b);
        expect(encodedPath(b)).not.toBe(encodedPath(a));
        expect(encodedPath(b).startsWith(`${encodedPath(a)}/`)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
    const long = 'x'.repeat(400);
    expect(encodedPath(`${long}y`).startsWith(`${encodedPath(long)}/`)).toBe(false);
  });

  it.each(['', 'x'.repeat(1_025), 'lone \ud800 surrogate'])('refuse what is no key: %j', async (key) => {
    const { store, dispose } = await newFolder();
    await expect(put(store, key, text('x'))).rejects.toMatchObject({ code: 'KEY_NOT_STORABLE' });
    await expect(store.head(key)).rejects.toMatchObject({ code: 'KEY_NOT_STORABLE' });
    await dispose();
  });

  it('of ours hold objects of that name beside ours', async () => {
    const { store, dispose } = await newFolder();
    const keys = ['.tidemark', '.tidemark/marker', '.tidemark/tmp/x', '.tidemark/encoded/x', 'x/.tidemark'];
    for (const key of keys) await put(store, key, text(key));
    for (const key of keys) expect(await contentOf(store, key)).toBe(key);
    expect((await listAll(store)).map(({ key }) => key).sort()).toEqual([...keys].sort());
    await store.check();
    await dispose();
  });
});

describe('a folder', () => {
  let folder: FolderUnderTest;
  let store: FolderBucket;
  beforeEach(async () => {
    folder = await newFolder();
    store = folder.store;
  });
  afterEach(() => folder.dispose());

  const temporaries = (): Promise<string[]> => readdir(join(folder.root, '.tidemark/tmp'));

  describe('after a crash', () => {
    const start = (mode: string): ChildProcess =>
      spawn(process.execPath, [resolve(import.meta.dirname, '../fixtures/folder-writer.ts'), folder.root, mode], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });

    async function expectWhole(): Promise<number> {
      const fresh = new FolderBucket(folder.root, { clock: REAL_CLOCK });
      const { etag, metadata } = await seen(fresh, 'k');
      const body = await bytesOf((await fresh.read('k', { etag })).body);
      const number = Number.parseInt(body.toString('utf8', 0, 9), 10);
      expect(body.equals(versionOf(number).body)).toBe(true);
      expect(metadata).toEqual(versionOf(number).metadata);
      return number;
    }

    it('holds one whole version with its own metadata, whenever the writer died', { timeout: 60_000 }, async () => {
      for (let round = 0; round < 10; round++) {
        const writer = start('forever');
        let last = 0;
        writer.stdout?.on('data', (lines: Buffer) => {
          last = Number(lines.toString('utf8').trim().split('\n').at(-1));
          if (last > 5 + round * 3) writer.kill('SIGKILL');
        });
        await once(writer, 'close');
        expect(await expectWhole()).toBeGreaterThanOrEqual(last);
      }
      expect((await listAll(store)).map(({ key }) => key)).toEqual(['k']);
    });

    it('holds the former version with its metadata when the writer died right before the rename', async () => {
      const { body, metadata } = versionOf(1);
      await put(store, 'k', body, { like: sightLike({ metadata }) });
      const writer = start('die-at-commit');
      expect(await once(writer, 'close')).toEqual([null, 'SIGKILL']);
      expect(await expectWhole()).toBe(1);
      expect(await temporaries()).toHaveLength(1);
    });

    it('is rid of temporary files once they are an hour old', async () => {
      const tmp = join(folder.root, '.tidemark/tmp');
      await mkdir(tmp, { recursive: true });
      await writeFile(join(tmp, 'old'), 'x');
      await writeFile(join(tmp, 'young'), 'x');
      const long = Date.now() / 1_000 - 3_700;
      await utimes(join(tmp, 'old'), long, long);
      await store.check();
      expect(await temporaries()).toEqual(['young']);
    });
  });

  describe('that is not there', () => {
    it('is missing, with the fix, when its marker is', async () => {
      await put(store, 'k', text('x'));
      await rm(join(folder.root, '.tidemark/marker'));
      for (const act of [
        () => store.check(),
        () => store.head('other'),
        () => store.remove('k'),
        () => put(store, 'k', text('y')),
        () => store.list({}),
      ]) {
        await expect(act()).rejects.toMatchObject({ code: 'BUCKET_MISSING', message: expect.stringContaining('not mounted') });
      }
    });

    it('is missing when another one stands in its place', async () => {
      await store.check();
      await rename(folder.root, join(folder.base, 'elsewhere'));
      await createRoot(folder.root);
      await expect(store.head('k')).rejects.toMatchObject({ code: 'BUCKET_MISSING', message: expect.stringContaining('another folder') });
      await rm(folder.root, { recursive: true });
      await rename(join(folder.base, 'elsewhere'), folder.root);
      expect(await store.head('k')).toEqual({ present: false });
    });

    it('is not made out of an empty directory unless asked', async () => {
      const root = join(folder.base, 'mount-point');
      await mkdir(root);
      await expect(createRoot(root)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
      await expect(access(join(root, '.tidemark'))).rejects.toThrow();
      await createRoot(root, { adopt: true });
      await createRoot(root);
      await new FolderBucket(root, { clock: REAL_CLOCK }).check();
    });
  });

  it('keeps an expiry date, a redirect and metadata named like parts of the language', async () => {
    const headers = { expires: 'Thu, 01 Dec 2033 16:00:00 GMT', websiteRedirectLocation: '/elsewhere' };
    const metadata = Object.fromEntries([
      ['__proto__', 'own'],
      ['constructor', 'too'],
    ]);
    await put(store, 'k', text('x'), { like: sightLike({ headers, metadata }) });
    const sight = await seen(store, 'k');
    expect(sight.headers).toEqual(headers);
    expect(Object.entries(sight.metadata)).toEqual(Object.entries(metadata));
  });

  it('leaves no temporary file behind a write that failed', async () => {
    async function* short(): AsyncGenerator<Uint8Array> {
      yield text('x');
    }
    await expect(store.write('k', short(), { size: 2, like: sightLike() })).rejects.toMatchObject({ code: 'INTEGRITY' });
    await expect(put(store, 'k', text('x'), { condition: { ifMatch: 'none' } })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect(await temporaries()).toEqual([]);
  });

  it('never gives an etag twice, however fast contents of one size follow each other', async () => {
    const etags: string[] = [];
    for (let i = 0; i < 150; i++) {
      etags.push((await put(store, 'k', text(String(i).padStart(4)))).etag);
      if (i % 2 === 0) await store.remove('k');
    }
    expect(new Set(etags).size).toBe(etags.length);
  });

  it('stamps files itself, since the kernel’s clock may stand still between two writes', async () => {
    const now = Date.now() + 10_000;
    const frozen = new FolderBucket(folder.root, { clock: { now: () => now, sleep: async () => {} } });
    const stamps: number[] = [];
    for (let i = 0; i < 3; i++) {
      await put(frozen, 'k', text('x'));
      const { mtimeNs } = await lstat(join(folder.root, 'k'), { bigint: true });
      stamps.push(Number((mtimeNs + 500n) / 1_000n - BigInt(now) * 1_000n));
    }
    expect(stamps).toEqual([0, 1, 2]);
  });

  it('makes a directory again that was pruned right before the rename into it', async () => {
    let pruned = false;
    const beforeCommit = (): void => {
      if (!pruned) rmdirSync(join(folder.root, 'd'));
      pruned = true;
    };
    await put(store, 'd/k', text('x'), { beforeCommit });
    expect(await readdir(join(folder.root, 'd'))).toEqual(['k']);
  });

  it('prunes directories that a remove left empty, and only those', async () => {
    await put(store, 'a/b/c/deep', text('x'));
    await put(store, 'a/stays', text('x'));
    await store.remove('a/b/c/deep');
    expect(await readdir(join(folder.root, 'a'))).toEqual(['stays']);
    await store.remove('a/stays');
    expect(await readdir(folder.root)).toEqual(['.tidemark']);
  });

  it('loses no write to a remove that prunes its directory', async () => {
    const rounds = Array.from({ length: 60 }, (_, i) => i);
    await Promise.all(rounds.map((i) => put(store, `d/e/old-${i}`, text('x'))));
    await Promise.all(
      rounds.flatMap((i) => [store.remove(`d/e/old-${i}`), put(store, `d/e/f/new-${i}`, text('x')), store.remove(`d/e/f/new-${i - 1}`)]),
    );
    await put(store, 'd/e/f/last', text('x'));
    expect(await contentOf(store, 'd/e/f/last')).toBe('x');
    for (const { key } of await listAll(store)) expect(await contentOf(store, key)).toBe('x');
  });

  it('continues a listing in another process’s place, and lists what stands still exactly once', { timeout: 60_000 }, async () => {
    const steady = [...Array.from({ length: 1_100 }, (_, i) => `s/${i % 3}/${i}`), ...AWKWARD_KEYS.map(({ key }) => key)];
    await Promise.all(steady.map((key) => put(store, key, text('x'))));
    await put(store, 's/0/0-fleeting', text('x'));
    const first = await store.list({});
    await store.remove('s/0/0-fleeting');
    await put(store, 's/0/!new', text('x'));
    const listed = [...first.objects];
    for (let token = first.next; token !== undefined; ) {
      const page = await new FolderBucket(folder.root, { clock: REAL_CLOCK }).list({ token });
      listed.push(...page.objects);
      token = page.next;
    }
    const keys = listed.map(({ key }) => key).filter((key) => key !== 's/0/0-fleeting' && key !== 's/0/!new');
    expect(keys.sort()).toEqual([...steady].sort());
  });
});

describe('what the system says of a failed call', () => {
  const failing = (code: string): Promise<never> =>
    explained({ key: 'k' }, () => Promise.reject(Object.assign(new Error(code), { code, syscall: 'write' })));

  it.each([
    ['ENOSPC', 'UNAVAILABLE'],
    ['EIO', 'UNAVAILABLE'],
    ['EROFS', 'ACCESS_DENIED'],
    ['EACCES', 'ACCESS_DENIED'],
    ['EMFILE', 'THROTTLED'],
    ['EFBIG', 'TOO_LARGE'],
  ])('%s becomes %s, with its cause and the key', async (system, code) => {
    await expect(failing(system)).rejects.toMatchObject({ code, fields: { key: 'k', system }, cause: { code: system } });
  });

  it('leaves alone what is none of the folder’s', async () => {
    const reset = Object.assign(new Error('the other side hung up'), { code: 'ECONNRESET', syscall: 'read' });
    await expect(explained({}, () => Promise.reject(reset))).rejects.toBe(reset);
  });
});
