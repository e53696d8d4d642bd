/** The part of the gateway store contract that is about writing. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { LeaseLostError } from '../../lib/core/errors.ts';
import type { Checksum } from '../../lib/core/objects/sight.ts';
import type { PutOptions } from '../../lib/ports/gateway-store.ts';
import {
  blocks,
  type GatewayStoreTraits,
  type GatewayStoreUnderTest,
  isInvalid,
  MIB,
  md5Of,
  pieces,
  store as put,
  served,
  shown,
  textOf,
} from './gateway-store-support.ts';
import { isPrecondition } from './object-store-support.ts';

const HEADERS = {
  contentType: 'text/html; charset="utf-8"',
  cacheControl: 'max-age=60, private',
  contentDisposition: `attachment; filename="a; b.html"; filename*=UTF-8''a%20b.html`,
  contentEncoding: 'gzip',
  contentLanguage: 'de-AT, en',
  expires: 'Thu, 01 Jan 2032 00:00:00 GMT',
};
const METADATA = { author: 'Ada', 'with-dash': `two  words, !#$%&'*+-.^_|~ "quoted" <x>`, constructor: 'a=b; c', name: 'Grüße 日本 😀' };

/** Of `abc`. */
const SUMS: Readonly<Record<Checksum['algorithm'], string>> = {
  CRC32: 'NSRBwg==',
  CRC32C: 'Nks/tw==',
  CRC64NVME: 'BeXKuz/B+us=',
  SHA1: 'qZk+NkcGgWq6PiVxeFDCbJzQ2J0=',
  SHA256: 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=',
};
const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
const MD5 = 'kAFQmDzST7DWlj99KOF/cg==';

async function* breaking(bytes: number): AsyncGenerator<Uint8Array> {
  yield* blocks(bytes);
  throw new Error('the client went away');
}

async function* silent(bytes: number): AsyncGenerator<Uint8Array> {
  yield* blocks(bytes);
  await new Promise(() => undefined);
}

/** @param current what the running test is about */
export function writesContract(current: () => GatewayStoreUnderTest, traits: GatewayStoreTraits): void {
  describe('writing', () => {
    it.each([1, 9 * MIB])('keeps headers and metadata as they are, of %i bytes', async (size) => {
      const { store } = current();
      const { contentEncoding: _none, ...plain } = HEADERS;
      for (const headers of [HEADERS, plain]) {
        const stored = await put(store, 'folder/k.html', blocks(size), { size, headers, metadata: METADATA });
        const { sight } = await shown(store, 'folder/k.html');
        expect(sight).toMatchObject({ etag: stored.etag, size, headers });
        expect(sight.headers.contentEncoding).toBe(headers === HEADERS ? 'gzip' : undefined);
        expect(sight.metadata).toEqual(METADATA);
      }
    });

    it.each([0, 3, 8 * MIB, 20 * MIB + 5])('takes a body of %i bytes, announced or not', { timeout: 60_000 }, async (size) => {
      const { store, leftovers } = current();
      for (const announced of [{ size }, {}]) {
        const stored = await put(store, 'k', blocks(size), { ...announced, metadata: { note: 'kept' } });
        expect(stored.size).toBe(size);
        const { sight, body } = await served(store, 'k');
        expect(sight).toMatchObject({ size, etag: stored.etag, metadata: { note: 'kept' } });
        expect(await md5Of(body)).toBe(await md5Of(blocks(size)));
      }
      expect(await leftovers()).toBe(0);
    });

    describe('nothing at all', () => {
      const wrong = Buffer.alloc(32, 1);
      const lost = new LeaseLostError('k', 'another gateway is active');
      const beforeCommit = (): void => {
        throw lost;
      };
      const cases: readonly (readonly [string, () => AsyncIterable<Uint8Array>, Partial<PutOptions>, (error: unknown) => boolean])[] = [
        ['of a body that breaks off', () => breaking(MIB), { size: 2 * MIB }, isInvalid('body')],
        ['of a large body that breaks off', () => breaking(20 * MIB), { size: 30 * MIB }, isInvalid('body')],
        ['of a body of unknown size that breaks off', () => breaking(20 * MIB), {}, isInvalid('body')],
        ['of a body shorter than announced', () => pieces('ab'), { size: 3 }, isInvalid('content-length')],
        ['of a body longer than announced', () => pieces('ab', 'cd'), { size: 3 }, isInvalid('content-length')],
        ['of another Content-MD5', () => pieces('abd'), { contentMd5: MD5 }, isInvalid('content-md5')],
        ['of another Content-MD5, large', () => blocks(20 * MIB), { contentMd5: MD5, size: 20 * MIB }, isInvalid('content-md5')],
        ['of a Content-MD5 that is none', () => pieces('abc'), { contentMd5: 'abc' }, isInvalid('content-md5')],
        ['of another x-amz-content-sha256', () => pieces('abc'), { contentSha256: wrong.toString('hex') }, isInvalid('x-amz-content-sha256')],
        ['of an x-amz-content-sha256 that is none', () => pieces('abc'), { contentSha256: 'abc' }, isInvalid('x-amz-content-sha256')],
        ['of a commit that is refused', () => pieces('abc'), { beforeCommit }, (error) => error === lost],
        ['of a large commit that is refused', () => blocks(20 * MIB), { beforeCommit, size: 20 * MIB }, (error) => error === lost],
        ['of a large commit of unknown size that is refused', () => blocks(20 * MIB), { beforeCommit }, (error) => error === lost],
        [
          'of another CRC32, large',
          () => blocks(20 * MIB),
          { checksum: { algorithm: 'CRC32', value: 'AAAAAA==' }, size: 20 * MIB },
          isInvalid('x-amz-checksum-crc32'),
        ],
        ['of a large body longer than announced', () => blocks(21 * MIB), { size: 20 * MIB }, isInvalid('content-length')],
        ...ALGORITHMS.map((algorithm) => {
          const value = wrong.subarray(0, Buffer.from(SUMS[algorithm], 'base64').length).toString('base64');
          const checksum = { algorithm, value };
          return [`of another ${algorithm}`, () => pieces('abc'), { checksum }, isInvalid(`x-amz-checksum-${algorithm.toLowerCase()}`)] as const;
        }),
      ];

      it.each(cases)('is left %s', async (_name, body, options, refused) => {
        const { store, leftovers } = current();
        await expect(put(store, 'k', body(), options)).rejects.toSatisfy(refused);
        expect((await store.head('k')).kind).toBe('absent');
        expect(await leftovers()).toBe(0);
      });

      it.each([0, 20 * MIB])('is left of a body that stands still after %i bytes', async (bytes) => {
        const { store, impatient, leftovers } = current();
        await expect(put(impatient, 'k', silent(bytes))).rejects.toSatisfy(isInvalid('body'));
        expect((await store.head('k')).kind).toBe('absent');
        expect(await leftovers()).toBe(0);
      });

      it.each([
        ['the body', (controller: AbortController) => blocks(30 * MIB, (offset) => (offset === 20 * MIB ? controller.abort() : undefined))],
        ['a body that stands still', (controller: AbortController) => abortingSilence(controller)],
      ])('is left of a put that is aborted in the middle of %s', async (_name, bodyOf) => {
        const { store, leftovers } = current();
        const controller = new AbortController();
        await expect(put(store, 'k', bodyOf(controller), { signal: controller.signal })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        expect((await store.head('k')).kind).toBe('absent');
        expect(await leftovers()).toBe(0);
      });

      it('tells why it was aborted', async () => {
        const controller = new AbortController();
        await expect(
          put(
            current().store,
            'k',
            blocks(MIB, () => controller.abort(lost)),
            { signal: controller.signal },
          ),
        ).rejects.toBe(lost);
      });
    });

    it('leaves the sender’s stream open, so that it can be answered', async () => {
      const stream = Readable.from(pieces('ab', 'cd', 'ef'));
      await expect(put(current().store, 'k', stream, { size: 3 })).rejects.toSatisfy(isInvalid('content-length'));
      expect(stream.destroyed).toBe(false);
      stream.destroy();
    });

    it('takes what hashes to what was announced', async () => {
      const { store } = current();
      await put(store, 'k', pieces('a', 'bc'), { contentMd5: MD5 });
      for (const algorithm of ALGORITHMS) {
        const key = `sum/${algorithm}`;
        await put(store, key, 'abc', { checksum: { algorithm, value: SUMS[algorithm] } });
        await put(store, `unsized-${key}`, pieces('a', 'bc'), { checksum: { algorithm, value: SUMS[algorithm] } });
        expect(await textOf(store, key)).toBe('abc');
        const { checksum } = (await shown(store, key)).sight;
        if (traits.keepsChecksums) expect(checksum).toMatchObject({ algorithm, value: SUMS[algorithm] });
      }
      const sha256 = createHash('sha256');
      for await (const block of blocks(20 * MIB)) sha256.update(block);
      await put(store, 'large', blocks(20 * MIB), { checksum: { algorithm: 'SHA256', value: sha256.digest('base64') } });
      expect((await served(store, 'large', { range: 'bytes=0-0' })).sight.size).toBe(20 * MIB);
    });

    it('asks once whether it may commit, after the last byte', async () => {
      const { store } = current();
      for (const announced of [{ size: 3 }, { size: 20 * MIB }, {}]) {
        const seen: string[] = [];
        const body = blocks(announced.size ?? 20 * MIB, () => void seen.push('block'));
        await put(store, 'k', body, { ...announced, beforeCommit: () => void seen.push('commit') });
        expect(seen.filter((what) => what === 'commit')).toHaveLength(1);
        expect(seen.at(-1)).toBe('commit');
      }
    });

    describe('under conditions', () => {
      let etag: string;
      beforeEach(async () => {
        ({ etag } = await put(current().store, 'k', 'old'));
      });

      const met: readonly (readonly [string, string, (etag: string) => Partial<PutOptions>])[] = [
        ['If-Match, the same', 'k', (now) => ({ ifMatch: `"${now}"` })],
        ['If-Match, one of several', 'k', (now) => ({ ifMatch: `"no", "${now}"` })],
        ['If-Match, any', 'k', () => ({ ifMatch: '*' })],
        ['If-None-Match: *, absent', 'new', () => ({ ifNoneMatch: '*' })],
      ];
      it.each(met)('writes: %s', async (_name, key, options) => {
        const { store } = current();
        await put(store, key, 'new', options(etag));
        expect(await textOf(store, key)).toBe('new');
      });

      const unmet: readonly (readonly [string, string, (etag: string) => Partial<PutOptions>])[] = [
        ['If-Match, another', 'k', () => ({ ifMatch: '"another"' })],
        ['If-Match, weak', 'k', (now) => ({ ifMatch: `W/"${now}"` })],
        ['If-Match, absent', 'none', (now) => ({ ifMatch: `"${now}"` })],
        ['If-Match, any, absent', 'none', () => ({ ifMatch: '*' })],
        ['If-None-Match: *, present', 'k', () => ({ ifNoneMatch: '*' })],
      ];
      it.each(unmet)('refuses, before it takes the body: %s', async (_name, key, options) => {
        const { store } = current();
        let taken = false;
        const body = blocks(3, () => {
          taken = true;
        });
        await expect(put(store, key, body, options(etag))).rejects.toSatisfy(isPrecondition('destination'));
        expect(taken).toBe(false);
        expect((await store.head('none')).kind).toBe('absent');
        expect(await textOf(store, 'k')).toBe('old');
      });

      it.each([3, 20 * MIB])('loses to a racer who wrote while %i bytes came', async (size) => {
        const { store, leftovers } = current();
        const racing = (key: string) => async (offset: number) => {
          if (offset === 0) await put(store, key, 'racer');
        };
        const first = put(store, 'new', blocks(size, racing('new')), { ifNoneMatch: '*' });
        await expect(first).rejects.toSatisfy(isPrecondition('destination'));
        const second = put(store, 'k', blocks(size, racing('k')), { ifMatch: `"${etag}"` });
        await expect(second).rejects.toSatisfy(isPrecondition('destination'));
        for (const key of ['new', 'k']) expect(await textOf(store, key)).toBe('racer');
        expect(await leftovers()).toBe(0);
      });

      it('removes what matches, and nothing else', async () => {
        const { store } = current();
        for (const ifMatch of ['"another"', `W/"${etag}"`]) {
          await expect(store.remove('k', { ifMatch })).rejects.toSatisfy(isPrecondition('destination'));
        }
        expect(await textOf(store, 'k')).toBe('old');
        await store.remove('k', { ifMatch: `"no", "${etag}"` });
        expect((await store.head('k')).kind).toBe('absent');
        for (const ifMatch of ['*', `"${etag}"`]) await expect(store.remove('k', { ifMatch })).rejects.toSatisfy(isPrecondition('destination'));
        await store.remove('k');
      });
    });

    // Declared, not skipped.
    if (traits.conditionalPut)
      it('lets exactly one of many be the first', async () => {
        const { store } = current();
        const bodies = Array.from({ length: 8 }, (_, i) => `writer ${i}`);
        const results = await Promise.allSettled(bodies.map((body) => put(store, 'k', body, { ifNoneMatch: '*' })));
        const winners = bodies.filter((_, i) => results[i]?.status === 'fulfilled');
        expect(winners).toHaveLength(1);
        expect(await textOf(store, 'k')).toBe(winners[0]);
      });
  });
}

async function* abortingSilence(controller: AbortController): AsyncGenerator<Uint8Array> {
  yield* blocks(9 * MIB);
  controller.abort();
  await new Promise(() => undefined);
}
