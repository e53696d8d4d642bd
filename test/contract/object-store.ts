/** The contract of RegionStore: what every place that holds a region's objects must do, whatever it is made of. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeaseLostError, PreconditionFailedError, TidemarkError } from '../../lib/core/errors.ts';
import type { RegionStore } from '../../lib/ports/objects.ts';
import { keysContract } from './object-store-keys.ts';
import {
  bytesOf,
  contentOf,
  HEADERS,
  isPrecondition,
  listAll,
  METADATA,
  put,
  readWhole,
  type StoreTraits,
  type StoreUnderTest,
  seen,
  sightLike,
  TAGS,
  text,
} from './object-store-support.ts';

export type { StoreTraits, StoreUnderTest } from './object-store-support.ts';

/**
 * Declares the suite for one kind of store.
 * @param factory called before each test: a store on a fresh, empty bucket
 */
export function objectStoreContract(name: string, factory: () => Promise<StoreUnderTest>, traits: StoreTraits): void {
  describe(`object store: ${name}`, () => {
    let subject: StoreUnderTest;
    let store: RegionStore;
    beforeEach(async () => {
      subject = await factory();
      store = subject.store;
    });
    afterEach(() => subject.dispose());

    describe('round trip', () => {
      it('keeps bytes, content headers and metadata', async () => {
        const body = Buffer.from([0, 255, 13, 10, 0x80]);
        const written = await put(store, 'folder/object.bin', body, { like: sightLike({ headers: HEADERS, metadata: METADATA }) });
        const sight = await seen(store, 'folder/object.bin');
        expect(sight).toMatchObject({ etag: written.etag, size: 5, headers: HEADERS });
        expect(sight.metadata).toEqual(METADATA);
        expect(Math.abs(sight.lastModified - Date.now())).toBeLessThan(3_600_000);
        const read = await store.read('folder/object.bin', { etag: sight.etag });
        expect(await bytesOf(read.body)).toEqual(body);
        expect(read.sight).toMatchObject({ etag: written.etag, size: 5, headers: HEADERS });
        expect(read.sight.metadata).toEqual(METADATA);
        expect(read.sight.tags).toBeUndefined();
      });

      it('keeps an empty object', async () => {
        await put(store, 'empty', new Uint8Array());
        const sight = await seen(store, 'empty');
        expect(sight.size).toBe(0);
        expect(await contentOf(store, 'empty')).toBe('');
      });

      it('has no metadata and no tags where none were written', async () => {
        await put(store, 'bare', text('x'));
        const sight = await seen(store, 'bare');
        expect(sight.metadata).toEqual({});
        if (traits.tags) expect(sight.tags).toEqual({});
      });

      it('gives each content its own etag, and replaces what the former one had', async () => {
        const first = await put(store, 'k', text('one'), { like: sightLike({ metadata: { old: '1' }, tags: traits.tags ? TAGS : {} }) });
        const second = await put(store, 'k', text('two'));
        expect(second.etag).not.toBe(first.etag);
        const sight = await seen(store, 'k');
        expect(sight.etag).toBe(second.etag);
        expect(sight.metadata).toEqual({});
        if (traits.tags) expect(sight.tags).toEqual({});
        expect(await contentOf(store, 'k')).toBe('two');
      });

      it('carries a streamed body of 20 MiB', { timeout: 60_000 }, async () => {
        const chunk = createHash('sha512').update('seed').digest();
        const block = Buffer.alloc(1 << 20, chunk);
        const expected = createHash('md5');
        for (let i = 0; i < 20; i++) expected.update(block);
        const digest = expected.digest('hex');
        async function* stream(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < 20; i++) yield block;
        }
        const size = 20 * block.length;
        const written = await store.write('large', stream(), { size, like: sightLike({ size, metadata: METADATA }) });
        if (written.md5 !== undefined) expect(written.md5).toBe(digest);
        const read = await store.read('large', { etag: written.etag });
        const actual = createHash('md5');
        let total = 0;
        for await (const part of read.body instanceof Uint8Array ? [read.body] : read.body) {
          actual.update(part);
          total += part.length;
        }
        expect(total).toBe(size);
        expect(actual.digest('hex')).toBe(digest);
        expect(read.sight).toMatchObject({ size, metadata: METADATA });
      });

      it('confirms the MD5 of a small body where it does at all', async () => {
        const written = await put(store, 'k', text('content'));
        if (written.md5 !== undefined) expect(written.md5).toBe(createHash('md5').update('content').digest('hex'));
      });
    });

    describe('absence', () => {
      it('shows an absent key as absent', async () => {
        expect(await store.head('nothing/here')).toEqual({ present: false });
        expect(await store.head('nothing/here', { tags: true })).toEqual({ present: false });
      });

      it('removes an object, and removes what is absent without complaint', async () => {
        await put(store, 'folder/k', text('x'));
        await store.remove('folder/k');
        await store.remove('folder/k');
        expect(await store.head('folder/k')).toEqual({ present: false });
        expect(await listAll(store)).toEqual([]);
      });

      it.each([
        ['head', (lost: RegionStore) => lost.head('k')],
        ['read', (lost: RegionStore) => lost.read('k', { etag: 'e' })],
        ['write', (lost: RegionStore) => put(lost, 'k', text('x'))],
        ['remove', (lost: RegionStore) => lost.remove('k')],
        ['list', (lost: RegionStore) => lost.list({})],
        ['check', (lost: RegionStore) => lost.check()],
      ])('tells of a missing bucket on %s, never of an absent object', async (_name, act) => {
        await store.check();
        await subject.loseBucket();
        await expect(act(store)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
      });
    });

    describe('pins', () => {
      it('refuses to read a version that was overwritten', async () => {
        const { etag } = await put(store, 'k', text('one'));
        await put(store, 'k', text('two'));
        await expect(readWhole(store, 'k', etag)).rejects.toSatisfy(isPrecondition('source'));
      });

      it('refuses to read what is gone', async () => {
        const { etag } = await put(store, 'k', text('one'));
        await store.remove('k');
        await expect(readWhole(store, 'k', etag)).rejects.toSatisfy(isPrecondition('source'));
      });
    });

    describe('conditions: held where claimed, and missing where not', () => {
      it('ifMatch on a write', async () => {
        const first = await put(store, 'k', text('one'));
        const second = await put(store, 'k', text('two'));
        const stale = put(store, 'k', text('stale'), { condition: { ifMatch: first.etag } });
        if ((await store.capabilities()).conditionalPut) {
          await expect(stale).rejects.toSatisfy(isPrecondition('destination'));
          expect(await contentOf(store, 'k')).toBe('two');
          await put(store, 'k', text('three'), { condition: { ifMatch: second.etag } });
          expect(await contentOf(store, 'k')).toBe('three');
        } else {
          await stale;
          expect(await contentOf(store, 'k')).toBe('stale');
        }
      });

      it('ifMatch on a write to an absent key', async () => {
        const { etag } = await put(store, 'k', text('one'));
        await store.remove('k');
        if (!(await store.capabilities()).conditionalPut) return;
        await expect(put(store, 'k', text('two'), { condition: { ifMatch: etag } })).rejects.toSatisfy(isPrecondition('destination'));
        expect(await store.head('k')).toEqual({ present: false });
      });

      it('ifAbsent on a write', async () => {
        const first = await put(store, 'k', text('one'), { condition: { ifAbsent: true } });
        expect((await seen(store, 'k')).etag).toBe(first.etag);
        const second = put(store, 'k', text('two'), { condition: { ifAbsent: true } });
        if ((await store.capabilities()).conditionalPut) {
          await expect(second).rejects.toSatisfy(isPrecondition('destination'));
          expect(await contentOf(store, 'k')).toBe('one');
        } else {
          await second;
          expect(await contentOf(store, 'k')).toBe('two');
        }
      });

      it('ifAbsent lets exactly one of many writers through', async () => {
        if (!(await store.capabilities()).conditionalPut) return;
        const bodies = Array.from({ length: 8 }, (_, i) => `writer ${i}`);
        const results = await Promise.allSettled(bodies.map((body) => put(store, 'k', text(body), { condition: { ifAbsent: true } })));
        const winners = bodies.filter((_, i) => results[i]?.status === 'fulfilled');
        expect(winners).toHaveLength(1);
        expect(await contentOf(store, 'k')).toBe(winners[0]);
      });

      it('ifMatch on a remove', async () => {
        const first = await put(store, 'k', text('one'));
        const second = await put(store, 'k', text('two'));
        const stale = store.remove('k', { condition: { ifMatch: first.etag } });
        if ((await store.capabilities()).conditionalDelete) {
          await expect(stale).rejects.toSatisfy(isPrecondition('destination'));
          expect(await contentOf(store, 'k')).toBe('two');
          await store.remove('k', { condition: { ifMatch: second.etag } });
        } else {
          await stale;
        }
        expect(await store.head('k')).toEqual({ present: false });
      });
    });

    describe('all or nothing', () => {
      beforeEach(() => put(store, 'k', text('old')));
      afterEach(async () => {
        expect(await contentOf(store, 'k')).toBe('old');
        expect((await listAll(store)).map(({ key }) => key)).toEqual(['k']);
      });

      it('ends without a trace when beforeCommit throws', async () => {
        const lost = new LeaseLostError('k', 'another worker has it');
        const beforeCommit = (): void => {
          throw lost;
        };
        await expect(put(store, 'k', text('new'), { beforeCommit })).rejects.toBe(lost);
        await expect(put(store, 'new', text('new'), { beforeCommit })).rejects.toBe(lost);
      });

      it('ends without a trace when it is aborted before it starts', async () => {
        await expect(put(store, 'k', text('new'), { signal: AbortSignal.abort() })).rejects.toThrow();
      });

      it('ends without a trace when it is aborted half way', async () => {
        const controller = new AbortController();
        async function* stream(): AsyncGenerator<Uint8Array> {
          yield text('ne');
          controller.abort();
          yield text('w');
        }
        await expect(store.write('k', stream(), { size: 3, like: sightLike(), signal: controller.signal })).rejects.toThrow();
      });

      it('ends without a trace when its body breaks', async () => {
        async function* stream(): AsyncGenerator<Uint8Array> {
          yield text('ne');
          throw new PreconditionFailedError('source', 'k');
        }
        await expect(store.write('k', stream(), { size: 3, like: sightLike() })).rejects.toSatisfy(isPrecondition('source'));
      });

      it.each([
        ['shorter', 2],
        ['longer', 4],
      ])('ends without a trace when its body is %s than was said', async (_word, length) => {
        async function* stream(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < length; i++) yield text('n');
        }
        await expect(store.write('k', stream(), { size: 3, like: sightLike() })).rejects.toBeInstanceOf(TidemarkError);
      });
    });

    // Declared, not skipped: a skipped test counts as one that is missing.
    if (traits.tags)
      describe('tags', () => {
        it('keeps tags, and shows them only when asked', async () => {
          await put(store, 'tagged', text('x'), { like: sightLike({ tags: TAGS }) });
          expect((await seen(store, 'tagged')).tags).toEqual(TAGS);
          const unasked = await store.head('tagged');
          expect(unasked.present && unasked.sight.tags).toBeUndefined();
        });

        it('are replaced as a whole, and etag, headers and metadata stay', async () => {
          const like = sightLike({ headers: HEADERS, metadata: METADATA, tags: TAGS });
          const { etag } = await put(store, 'k', text('x'), { like });
          await store.putTags('k', { only: 'this' });
          expect(await seen(store, 'k')).toMatchObject({ etag, headers: HEADERS, metadata: METADATA });
          expect((await seen(store, 'k')).tags).toEqual({ only: 'this' });
          await store.putTags('k', {});
          expect((await seen(store, 'k')).tags).toEqual({});
          expect(await contentOf(store, 'k')).toBe('x');
        });

        it('of an absent object are refused', async () => {
          await expect(store.putTags('k', TAGS)).rejects.toSatisfy(isPrecondition('destination'));
        });
      });

    keysContract(() => store, traits);
  });
}
