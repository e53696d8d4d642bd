/** A folder is shared with people: they drop, edit, link and delete what they like, while objects come and go. */
import { writeFileSync } from 'node:fs';
import { appendFile, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import type { Clock } from '../../lib/ports/system.ts';
import { type FolderUnderTest, newFolder } from '../fixtures/folder.ts';
import { bytesOf, contentOf, isPrecondition, listAll, put, readWhole, seen, sightLike, text } from './object-store-support.ts';

describe('a folder that people use', () => {
  let folder: FolderUnderTest;
  let store: FolderBucket;
  beforeEach(async () => {
    folder = await newFolder();
    store = folder.store;
  });
  afterEach(() => folder.dispose());

  const at = (key: string): string => join(folder.root, key);
  async function drop(key: string, content: string): Promise<void> {
    await mkdir(dirname(at(key)), { recursive: true });
    await writeFile(at(key), content);
  }
  const keys = async (): Promise<string[]> => (await listAll(store)).map(({ key }) => key).sort();

  describe('dropped files', () => {
    it.each(['dropped.txt', 'a folder/ü+%20 #1.txt', 'line\nbreak.txt', '.hidden/.txt.txt'])('are objects: %j', async (key) => {
      await drop(key, 'hello');
      const { size, headers, metadata, tags } = await seen(store, key);
      expect({ size, headers, metadata, tags }).toEqual({ size: 5, headers: { contentType: 'text/plain' }, metadata: {}, tags: {} });
      expect(await contentOf(store, key)).toBe('hello');
      expect(await keys()).toEqual([key]);
      await store.remove(key);
      expect(await readdir(folder.root)).toEqual(['.tidemark']);
    });

    it('can be opened by a person where an object was written', async () => {
      await put(store, 'reports/2026 Q3.csv', text('a,b'));
      expect(await readFile(at('reports/2026 Q3.csv'), 'utf8')).toBe('a,b');
    });

    it('have nothing of the object that they overwrote', async () => {
      const like = sightLike({ headers: { cacheControl: 'no-store' }, metadata: { by: 'us' }, tags: { t: '1' } });
      const { etag } = await put(store, 'k.bin', text('ours'), { like });
      await writeFile(at('k.bin'), 'them');
      const sight = await seen(store, 'k.bin');
      expect([sight.headers, sight.metadata, sight.tags, sight.md5]).toEqual([{}, {}, {}, undefined]);
      expect(sight.etag).not.toBe(etag);
      await expect(readWhole(store, 'k.bin', etag)).rejects.toSatisfy(isPrecondition('source'));
      await expect(put(store, 'k.bin', text('late'), { condition: { ifMatch: etag } })).rejects.toSatisfy(isPrecondition('destination'));
      await expect(store.remove('k.bin', { condition: { ifMatch: etag } })).rejects.toSatisfy(isPrecondition('destination'));
      expect(await contentOf(store, 'k.bin')).toBe('them');
    });

    it('can be tagged', async () => {
      await drop('k.txt', 'x');
      const { etag } = await seen(store, 'k.txt');
      await store.putTags('k.txt', { team: 'blue' });
      expect(await seen(store, 'k.txt')).toMatchObject({ etag, headers: { contentType: 'text/plain' }, tags: { team: 'blue' } });
    });

    it('edited while they are read end the read', async () => {
      await drop('large', 'x'.repeat(2 << 20));
      const { etag } = await seen(store, 'large');
      const { body } = await store.read('large', { etag });
      const reading = async (): Promise<void> => {
        let first = true;
        for await (const _chunk of body instanceof Uint8Array ? [body] : body) {
          if (first) await appendFile(at('large'), 'more');
          first = false;
        }
      };
      await expect(reading()).rejects.toSatisfy(isPrecondition('source'));
    });
  });

  describe('a file that may still change', () => {
    /** Real time plus what was slept, which takes none. */
    function jumpingClock(onSleep: (ms: number) => Promise<void> = async () => {}, ahead = 0): Clock & { readonly slept: number[] } {
      const slept: number[] = [];
      const sleep = async (ms: number): Promise<void> => {
        slept.push(ms);
        await onSleep(ms);
      };
      return { slept, sleep, now: () => Date.now() + ahead + slept.reduce((sum, ms) => sum + ms, 0) };
    }

    it('is shown once it has been left alone', async () => {
      const clock = jumpingClock();
      await drop('k', 'x');
      expect((await new FolderBucket(folder.root, { clock, settleMs: 60_000 }).head('k')).present).toBe(true);
      expect(clock.slept.length).toBeGreaterThan(0);
      expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(55_000);
    });

    it('is shown as it is after the last edit', async () => {
      let edits = 0;
      const clock = jumpingClock(async () => {
        if (edits++ >= 3) return;
        await appendFile(at('k'), 'y');
        await utimes(at('k'), clock.now() / 1_000, clock.now() / 1_000);
      });
      await drop('k', 'x');
      expect(await seen(new FolderBucket(folder.root, { clock, settleMs: 60_000 }), 'k')).toMatchObject({ size: 4 });
    });

    it('is tried again later while a copy into it goes on and on', async () => {
      const clock: Clock = { now: () => Date.now(), sleep: () => appendFile(at('k'), 'y') };
      await drop('k', 'x');
      const endless = new FolderBucket(folder.root, { clock, settleMs: 60_000 });
      await expect(endless.head('k')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('still being written') });
    });

    it('is looked at again when it was replaced between two steps of a look', async () => {
      let replaced = false;
      const now = (): number => {
        if (!replaced) writeFileSync(at('k'), 'replaced');
        replaced = true;
        return Date.now();
      };
      const hasty = new FolderBucket(folder.root, { clock: { now, sleep: async () => {} }, settleMs: 0 });
      await hasty.check();
      await drop('k', 'x');
      replaced = false;
      expect(await seen(hasty, 'k')).toMatchObject({ size: 8 });
    });

    it('is not waited for when it was written by this system, with or without metadata', async () => {
      const clock = jumpingClock();
      const bucket = new FolderBucket(folder.root, { clock, settleMs: 60_000 });
      await put(bucket, 'bare', text('x'));
      await put(bucket, 'rich', text('x'), { like: sightLike({ metadata: { a: 'b' } }) });
      await bucket.head('bare');
      await bucket.head('rich');
      expect(clock.slept).toEqual([]);
    });

    it('is not waited for because its date lies in the future', async () => {
      await drop('k', 'x');
      const future = Date.now() / 1_000 + 86_400;
      await utimes(at('k'), future, future);
      const clock = jumpingClock(undefined, 120_000);
      expect((await new FolderBucket(folder.root, { clock, settleMs: 60_000 }).head('k')).present).toBe(true);
      expect(clock.slept).toEqual([]);
    });

    it('is not waited for when the clock was set back', async () => {
      await drop('k', 'x');
      const clock = jumpingClock(undefined, -86_400_000);
      expect((await new FolderBucket(folder.root, { clock, settleMs: 60_000 }).head('k')).present).toBe(true);
      expect(clock.slept).toEqual([]);
    });
  });

  describe('symbolic links', () => {
    beforeEach(async () => {
      await mkdir(join(folder.base, 'outside'));
      await writeFile(join(folder.base, 'outside/secret'), 'secret');
    });
    afterEach(async () => {
      expect(await readdir(join(folder.base, 'outside'))).toEqual(['secret']);
      expect(await readFile(join(folder.base, 'outside/secret'), 'utf8')).toBe('secret');
    });

    it.each([
      ['to a file', 'outside/secret', 'link'],
      ['to a folder', 'outside', 'link/secret'],
      ['to nowhere', 'outside/nothing', 'link'],
    ])('%s are neither followed nor taken for absence, and not in the way', async (_kind, target, key) => {
      await symlink(join(folder.base, target), at('link'));
      const refused = { code: 'ACCESS_DENIED', message: expect.stringMatching(/link is a symbolic link, and links are not followed: replace it/) };
      await expect(store.head(key)).rejects.toMatchObject(refused);
      await expect(store.read(key, { etag: 'any' })).rejects.toMatchObject(refused);
      await store.remove(key);
      expect(await keys()).toEqual([]);
      for (const written of [key, `${key}/deep/er`]) {
        await put(store, written, text(written));
        expect(await contentOf(store, written)).toBe(written);
      }
      expect(await listAll(store, 'link/secret/')).toHaveLength(key === 'link' ? 0 : 1);
      expect(await keys()).toEqual([key, `${key}/deep/er`]);
      expect((await lstat(at('link'))).isSymbolicLink()).toBe(true);
      await store.remove(key);
      await store.remove(`${key}/deep/er`);
      expect(await keys()).toEqual([]);
    });

    it('in the place of a folder tell nothing of what lay in it', async () => {
      await put(store, 'kept/deep/object', text('x'));
      await rename(at('kept'), join(folder.base, 'moved'));
      await symlink(join(folder.base, 'moved'), at('kept'));
      await expect(store.head('kept/deep/object')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
      expect(await store.head('beside')).toEqual({ present: false });
      expect(await keys()).toEqual([]);
    });

    it('to the root itself are followed: that one the operator made', async () => {
      await symlink(folder.root, join(folder.base, 'alias'));
      const alias = new FolderBucket(join(folder.base, 'alias'), { clock: { now: Date.now, sleep: async () => {} } });
      await put(alias, 'a/b', text('x'));
      expect(await contentOf(store, 'a/b')).toBe('x');
    });
  });

  describe('a name that is taken by the other kind', () => {
    it('keeps an object beside the folder that a person made of its name', async () => {
      await drop('a/b', 'dropped');
      await put(store, 'a', text('object'));
      expect(await contentOf(store, 'a')).toBe('object');
      expect(await contentOf(store, 'a/b')).toBe('dropped');
      expect(await keys()).toEqual(['a', 'a/b']);
    });

    it('keeps objects below the file that a person made of their folder', async () => {
      await drop('a', 'dropped');
      await put(store, 'a/b', text('object'));
      expect(await keys()).toEqual(['a', 'a/b']);
      await rm(at('a'));
      expect(await contentOf(store, 'a/b')).toBe('object');
      await put(store, 'a/b', text('object again'));
      expect(await contentOf(store, 'a/b')).toBe('object again');
      expect(await keys()).toEqual(['a/b']);
    });

    it('shows the file that a person drops over an encoded object, and forgets the latter at the next write', async () => {
      await drop('a', 'in the way');
      await put(store, 'a/b', text('encoded'));
      await rm(at('a'));
      await drop('a/b', 'dropped');
      expect(await contentOf(store, 'a/b')).toBe('dropped');
      expect(await keys()).toEqual(['a/b']);
      await put(store, 'a/b', text('next'));
      expect(await keys()).toEqual(['a/b']);
      await rm(at('a/b'));
      expect(await store.head('a/b')).toEqual({ present: false });
    });

    it('removes both the dropped file and the encoded object that it hid', async () => {
      await drop('a', 'in the way');
      await put(store, 'a/b', text('encoded'));
      await rm(at('a'));
      await drop('a/b', 'dropped');
      await store.remove('a/b');
      expect(await store.head('a/b')).toEqual({ present: false });
      expect(await keys()).toEqual([]);
    });
  });

  it('proves the bytes that were written with metadata by their MD5', async () => {
    await put(store, 'k', text('abc'), { like: sightLike({ metadata: { a: 'b' } }) });
    expect((await seen(store, 'k')).md5).toBe('900150983cd24fb0d6963f7d28e17f72');
    expect(Buffer.from(await bytesOf((await store.read('k', { etag: (await seen(store, 'k')).etag })).body)).toString()).toBe('abc');
    expect(Number((await stat(at('k'))).size)).toBe(3);
  });
});
