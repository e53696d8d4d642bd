/** Addresses that a gateway signs itself, for regions that sign none. */
import { describe, expect, it } from 'vitest';
import type { PresignRequest } from '../../../lib/ports/gateway-store.ts';
import { type Arrived, checkOwnAddress, isOwnAddress, signOwnAddress } from '../../../lib/usecases/gateway/own-address.ts';

const SECRET = Buffer.alloc(32, 'secret');
const NOW = 1_793_268_000_000;
const ORIGIN = 'http://127.0.0.1:8111';
const KEY = 'docs/a b/ä?.md';

const signed = (request: Partial<PresignRequest> = {}) =>
  signOwnAddress(SECRET, { op: 'get', key: KEY, expiresSec: 60, ...request }, { origin: ORIGIN, now: NOW });

/** As it comes in, used as it was signed unless a test says otherwise. */
function arriving({ url, headers }: ReturnType<typeof signed>, changes: Partial<Arrived> = {}): Arrived {
  const { pathname: path, searchParams: query } = new URL(url);
  return { method: 'GET', path, query, headers, ...changes };
}

const judged = (arrived: Arrived, { key = KEY, now = NOW, secret = SECRET }: { key?: string; now?: number; secret?: Uint8Array } = {}) =>
  checkOwnAddress(secret, key, arrived, now);

function altered(name: string, value: string): Arrived {
  const arrived = arriving(signed());
  arrived.query.set(name, value);
  return arrived;
}

describe('an address of the gateway itself', () => {
  it('is good for what it was signed for, until its last moment', () => {
    const put = signed({ op: 'put', contentType: 'text/plain', metadata: { by: 'Ada' } });

    expect(judged(arriving(signed()))).toBeNull();
    expect(judged(arriving(signed(), { method: 'HEAD' }))).toBeNull();
    expect(judged(arriving(put, { method: 'PUT' }))).toBeNull();
    expect(judged(arriving(signed()), { now: NOW + 60_000 })).toBeNull();
    expect(decodeURIComponent(new URL(put.url).pathname)).toBe(`/objects/${KEY}`);
    expect(put.headers).toEqual({ 'content-type': 'text/plain', 'x-amz-meta-by': 'Ada' });
    expect([isOwnAddress(arriving(put)), isOwnAddress({ query: new URLSearchParams() })]).toEqual([true, false]);
  });

  it('is good for nothing afterwards', () => {
    expect(judged(arriving(signed()), { now: NOW + 60_001 })).toBe('its time is over');
  });

  it.each([
    ['another key', () => judged(arriving(signed()), { key: 'docs/other.md' })],
    ['the key of another installation', () => judged(arriving(signed()), { secret: Buffer.alloc(32, 'other') })],
    ['a later end', () => judged(altered('X-Tidemark-Expires', String(NOW + 3_600_000)))],
    ['a read made a write', () => judged({ ...altered('X-Tidemark-Op', 'put'), method: 'PUT' })],
    ['headers that need not be sent', () => judged(altered('X-Tidemark-Headers', 'content-type'))],
    ['no signature', () => judged(altered('X-Tidemark-Signature', ''))],
  ])('is refused with %s', (_what, judge) => {
    expect(judge()).toMatch(/altered/);
  });

  it.each([
    ['get', 'PUT', 'GET and HEAD'],
    ['get', 'DELETE', 'GET and HEAD'],
    ['put', 'GET', 'PUT'],
    ['put', 'DELETE', 'PUT'],
  ] as const)('of a %s is refused for a %s', (op, method, fits) => {
    expect(judged(arriving(signed({ op }), { method }))).toBe(`it is good for ${fits} alone`);
  });

  it.each([
    ['repair', '1'],
    ['prefer', 'replica'],
    ['X-Tidemark-Region', 'secondary'],
  ])('is refused with %s, which nobody signed', (name, value) => {
    expect(judged(altered(name, value))).toBe(`${name} was not signed`);
  });

  it('keeps no metadata that nobody signed; other headers are as their sender wants them, as at S3', () => {
    const put = signed({ op: 'put', metadata: { by: 'Ada' } });
    const sending = (further: Record<string, string>) => judged(arriving(put, { method: 'PUT', headers: { ...put.headers, ...further } }));

    expect(sending({ 'x-amz-meta-role': 'admin' })).toBe('x-amz-meta-role was not signed');
    expect(sending({ 'x-amz-website-redirect-location': '/' })).toBe('x-amz-website-redirect-location was not signed');
    expect(sending({ 'content-type': 'text/plain', 'x-amz-checksum-crc32': 'AAAAAA==' })).toBeNull();
  });

  it('is refused where a header is not what was signed', () => {
    const put = signed({ op: 'put', contentType: 'text/plain' });

    expect(judged(arriving(put, { method: 'PUT', headers: { 'content-type': 'text/html' } }))).toMatch(/content-type is not what was signed/);
    expect(judged(arriving(put, { method: 'PUT', headers: {} }))).toMatch(/content-type is not what was signed/);
  });
});
