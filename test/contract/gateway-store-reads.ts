/** The part of the gateway store contract that is about reading. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReadOptions } from '../../lib/ports/gateway-store.ts';
import { asked, blocks, type GatewayStoreUnderTest, MIB, md5Of, store as put, served, textOf } from './gateway-store-support.ts';
import { bytesOf } from './object-store-support.ts';

const BODY = 'abcdefghij';
const EARLIER = 'Sun, 06 Nov 1994 08:49:37 GMT';
const LATER = 'Sat, 01 Jan 2050 00:00:00 GMT';

/** @param etag of the object as it is @param modified its Last-Modified, as a header */
type Case = readonly [name: string, options: (etag: string, modified: string) => ReadOptions, answer: string];

const CONDITIONS: readonly Case[] = [
  ['If-Match, the same', (etag) => ({ ifMatch: `"${etag}"` }), BODY],
  ['If-Match, one of several', (etag) => ({ ifMatch: `"no", "${etag}"` }), BODY],
  ['If-Match, any', () => ({ ifMatch: '*' }), BODY],
  ['If-Match, another', () => ({ ifMatch: '"another"' }), 'preconditionFailed'],
  ['If-Match, weak', (etag) => ({ ifMatch: `W/"${etag}"` }), 'preconditionFailed'],
  ['If-None-Match, the same', (etag) => ({ ifNoneMatch: `"${etag}"` }), 'notModified'],
  ['If-None-Match, one of several, weak', (etag) => ({ ifNoneMatch: `"no", W/"${etag}"` }), 'notModified'],
  ['If-None-Match, any', () => ({ ifNoneMatch: '*' }), 'notModified'],
  ['If-None-Match, another', () => ({ ifNoneMatch: '"another"' }), BODY],
  ['If-Modified-Since, then', (_etag, modified) => ({ ifModifiedSince: modified }), 'notModified'],
  ['If-Modified-Since, earlier', () => ({ ifModifiedSince: EARLIER }), BODY],
  ['If-Modified-Since, no date', () => ({ ifModifiedSince: 'yesterday' }), BODY],
  ['If-Unmodified-Since, then', (_etag, modified) => ({ ifUnmodifiedSince: modified }), BODY],
  ['If-Unmodified-Since, later', () => ({ ifUnmodifiedSince: LATER }), BODY],
  ['If-Unmodified-Since, earlier', () => ({ ifUnmodifiedSince: EARLIER }), 'preconditionFailed'],
  ['If-Match before If-Unmodified-Since', (etag) => ({ ifMatch: `"${etag}"`, ifUnmodifiedSince: EARLIER }), BODY],
  ['If-None-Match before If-Modified-Since', () => ({ ifNoneMatch: '"another"', ifModifiedSince: LATER }), BODY],
  ['If-Match before If-None-Match', (etag) => ({ ifMatch: '"another"', ifNoneMatch: `"${etag}"` }), 'preconditionFailed'],
  ['a condition and a range', (etag) => ({ ifMatch: `"${etag}"`, range: 'bytes=2-4' }), '2-4 cde'],
  ['If-Range, the same', (etag) => ({ ifRange: `"${etag}"`, range: 'bytes=2-4' }), '2-4 cde'],
  ['If-Range, another', () => ({ ifRange: '"another"', range: 'bytes=2-4' }), BODY],
];

const RANGES: readonly (readonly [range: string, answer: string])[] = [
  ['bytes=0-0', '0-0 a'],
  ['bytes=9-9', '9-9 j'],
  ['bytes=2-4', '2-4 cde'],
  ['bytes=7-', '7-9 hij'],
  ['bytes=0-', `0-9 ${BODY}`],
  ['bytes=7-100', '7-9 hij'],
  ['bytes=0-99999999999999999999999', `0-9 ${BODY}`],
  ['bytes=-3', '7-9 hij'],
  ['bytes=-100', `0-9 ${BODY}`],
  ['bytes=10-', 'rangeNotSatisfiable'],
  ['bytes=10-20', 'rangeNotSatisfiable'],
  ['bytes=-0', 'rangeNotSatisfiable'],
  ['bytes=0-1,4-5', BODY],
  ['bytes=4-2', BODY],
  ['bytes=-', BODY],
  ['bytes=a-b', BODY],
  ['lines=1-2', BODY],
];

/** @param current what the running test is about */
export function readsContract(current: () => GatewayStoreUnderTest): void {
  describe('reading', () => {
    describe('under conditions', () => {
      let etag: string;
      let modified: string;
      beforeEach(async () => {
        const { store } = current();
        ({ etag } = await put(store, 'folder/k', BODY));
        const head = await store.head('folder/k');
        modified = head.kind === 'object' ? new Date(head.sight.lastModified).toUTCString() : '';
      });

      it('judges each as HTTP orders them, on an object', async () => {
        const { store } = current();
        for (const [name, options, answer] of CONDITIONS)
          expect(`${name}: ${await asked(store, 'folder/k', options(etag, modified))}`).toBe(`${name}: ${answer}`);
      });

      it('answers none of them for what is not there', async () => {
        const { store } = current();
        for (const [name, options] of CONDITIONS)
          expect(`${name}: ${(await store.get('none', options(etag, modified))).kind}`).toBe(`${name}: absent`);
        expect((await store.head('none')).kind).toBe('absent');
        expect((await store.get('none')).kind).toBe('absent');
      });

      it('shows what was not served', async () => {
        const { store } = current();
        expect(await store.get('folder/k', { ifNoneMatch: `"${etag}"` })).toMatchObject({ kind: 'notModified', sight: { etag } });
        expect(await store.get('folder/k', { range: 'bytes=10-' })).toMatchObject({ kind: 'rangeNotSatisfiable', sight: { size: 10 } });
      });
    });

    it('serves one range, and the whole where it is none', async () => {
      const { store } = current();
      await put(store, 'k', BODY);
      for (const [range, answer] of RANGES) expect(`${range}: ${await asked(store, 'k', { range })}`).toBe(`${range}: ${answer}`);
    });

    it('serves an empty object', async () => {
      const { store } = current();
      await put(store, 'empty', '');
      expect(await asked(store, 'empty')).toBe('');
      expect(await asked(store, 'empty', { range: 'bytes=-5' })).toBe('');
      expect(await asked(store, 'empty', { range: 'bytes=0-' })).toBe('rangeNotSatisfiable');
    });

    it('streams a part of a large object, and knows the size of the whole', async () => {
      const { store } = current();
      const whole = await bytesOf(blocks(3 * MIB));
      const { etag } = await put(store, 'large', whole);
      const [start, end] = [MIB - 5, 2 * MIB + 7];
      for (const condition of [{}, { ifMatch: `"${etag}"` }]) {
        const part = await served(store, 'large', { range: `bytes=${start}-${end}`, ...condition });
        expect(part).toMatchObject({ part: { start, end }, sight: { etag, size: 3 * MIB } });
        expect((await bytesOf(part.body)).equals(whole.subarray(start, end + 1))).toBe(true);
      }
    });

    it('ends a body when its signal fires', async () => {
      const { store } = current();
      await put(store, 'large', blocks(20 * MIB), { size: 20 * MIB });
      const controller = new AbortController();
      const { body } = await served(store, 'large', { signal: controller.signal });
      const reading = async (): Promise<void> => {
        for await (const _chunk of body instanceof Uint8Array ? [body] : body) controller.abort();
      };
      await expect(reading()).rejects.toThrow();
    });

    it('refuses to begin when its signal has fired', async () => {
      const { store } = current();
      await put(store, 'k', BODY);
      const signal = AbortSignal.abort();
      for (const act of [() => store.get('k', { signal }), () => store.head('k', { signal }), () => store.check(signal)]) {
        await expect(act()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      }
    });

    it('serves one state of the object while it is replaced', async () => {
      const { store } = current();
      await put(store, 'k', blocks(4 * MIB), { size: 4 * MIB });
      const { body } = await served(store, 'k');
      await put(store, 'k', Buffer.alloc(4 * MIB, 0xff));
      const md5 = await md5Of(body).catch(() => 'broken off');
      expect(['broken off', await md5Of(blocks(4 * MIB))]).toContain(md5);
      expect((await textOf(store, 'k', { range: 'bytes=0-1' })).length).toBe(2);
    });

    it('lets bodies be left unread', async () => {
      const { store } = current();
      await put(store, 'k', Buffer.alloc(MIB));
      for (let i = 0; i < 20; i++) {
        const { body } = await served(store, 'k');
        if (!(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.();
      }
      expect((await store.head('k')).kind).toBe('object');
    });
  });
}
