/** The part of the gateway store contract that is about addresses which a plain client uses. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PresignRequest } from '../../lib/ports/gateway-store.ts';
import { type GatewayStoreTraits, type GatewayStoreUnderTest, store as put, served, textOf } from './gateway-store-support.ts';

const KEYS = ['plain.txt', `odd/a b+c%2F&=?#'"<é😀>.txt`];
const md5 = (text: string): string => createHash('md5').update(text).digest('base64');

/** @param current what the running test is about */
export function presignContract(current: () => GatewayStoreUnderTest, traits: GatewayStoreTraits): void {
  describe('addresses', () => {
    let presign: (
      request: Omit<PresignRequest, 'expiresSec'> & { readonly expiresSec?: number },
    ) => Promise<{ url: string; headers: Record<string, string> }>;
    beforeEach(() => {
      const { store } = current();
      presign = async (request) => {
        if (!store.presign) throw new Error('this store hands out no addresses');
        const { url, headers } = await store.presign({ expiresSec: 60, ...request });
        return { url, headers: { ...headers } };
      };
    });
    const sent = async (url: string, body: string, headers: Readonly<Record<string, string>>): Promise<number> => {
      const answer = await fetch(url, { method: 'PUT', body, headers: { ...headers } });
      await answer.arrayBuffer();
      return answer.status;
    };

    it.each(KEYS)('read an object: %s', async (key) => {
      await put(current().store, key, 'content');
      const { url, headers } = await presign({ op: 'get', key });
      expect(headers).toEqual({});
      const answer = await fetch(url);
      expect([answer.status, await answer.text()]).toEqual([200, 'content']);
      const part = await fetch(url, { headers: { range: 'bytes=1-3' } });
      expect([part.status, await part.text()]).toEqual([206, 'ont']);
    });

    it.each(KEYS)('write an object, of the type that was signed: %s', async (key) => {
      const { url, headers } = await presign({ op: 'put', key, contentType: 'text/csv; charset=utf-8', contentMd5: md5('a,b') });
      expect(headers).toEqual({ 'content-type': 'text/csv; charset=utf-8', 'content-md5': md5('a,b') });
      expect(await sent(url, 'a,b', headers)).toBe(200);
      expect(await textOf(current().store, key)).toBe('a,b');
      expect((await served(current().store, key)).sight.headers.contentType).toBe('text/csv; charset=utf-8');
    });

    it('write an object of the checksum that was signed, and no other', async () => {
      const { store } = current();
      const checksum = { algorithm: 'SHA256', value: createHash('sha256').update('abc').digest('base64') } as const;
      const { url, headers } = await presign({ op: 'put', key: 'k', checksum });
      expect(headers).toEqual({ 'x-amz-checksum-sha256': checksum.value });
      expect(await sent(url, 'abd', headers)).toBeGreaterThanOrEqual(400);
      expect((await store.head('k')).kind).toBe('absent');
      expect(await sent(url, 'abc', headers)).toBe(200);
      expect(await textOf(store, 'k')).toBe('abc');
    });

    // Declared, not skipped.
    if (traits.presigns === true) {
      it('are refused when they are altered', async () => {
        const { store } = current();
        await put(store, 'k', 'content');
        await put(store, 'other', 'secret');
        const { url } = await presign({ op: 'get', key: 'k' });
        expect((await fetch(url.replace('/k?', '/other?'))).status).toBe(403);
        expect((await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'))).status).toBe(403);
        expect(await sent(url, 'overwritten', {})).toBe(403);
        expect(await textOf(store, 'k')).toBe('content');
      });

      it('are refused when what is sent is not what was signed', async () => {
        const { store } = current();
        const signed = await presign({ op: 'put', key: 'k', contentType: 'text/plain', contentMd5: md5('abc') });
        const { url, headers } = signed;
        expect(await sent(url, 'abc', { ...headers, 'content-type': 'text/html' })).toBe(403);
        expect(await sent(url, 'abc', { 'content-type': 'text/plain' })).toBeGreaterThanOrEqual(400);
        expect(await sent(url, 'abd', { ...headers, 'content-md5': md5('abd') })).toBe(403);
        expect(await sent(url, 'abd', headers)).toBeGreaterThanOrEqual(400);
        const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');
        const summed = await presign({ op: 'put', key: 'k', checksum: { algorithm: 'SHA256', value: sha256('abc') } });
        expect(await sent(summed.url, 'abd', { 'x-amz-checksum-sha256': sha256('abd') })).toBe(403);
        expect(await sent(summed.url, 'abc', {})).toBeGreaterThanOrEqual(400);
        expect((await store.head('k')).kind).toBe('absent');
      });

      it('are refused once their time is over', async () => {
        await put(current().store, 'k', 'content');
        const { url } = await presign({ op: 'get', key: 'k', expiresSec: 1 });
        await expect.poll(async () => (await fetch(url)).status, { timeout: 10_000, interval: 200 }).toBe(403);
      });
    }
  });
}
