/** Signed addresses of the gateway itself, for regions that sign none (folders): as S3's, by a key that only this installation has. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { TidemarkError } from '../../core/errors.ts';
import { objectPath } from '../../core/gateway/object-path.ts';
import type { Presigned, PresignRequest } from '../../ports/gateway-store.ts';

const PREFIX = 'X-Tidemark-';
/** As they stand in the address; all but the signature are signed. */
const NAMES = {
  op: `${PREFIX}Op`,
  expires: `${PREFIX}Expires`,
  headers: `${PREFIX}Headers`,
  signature: `${PREFIX}Signature`,
} as const;

const SIGNED: readonly string[] = Object.values(NAMES);
/** What S3 wants signed, of that which an object keeps. */
const KEPT = /^x-amz-(meta-|website-redirect-location$)/;

export interface OwnAddressTerms {
  /** As callers reach it: `http://localhost:8111`. */
  readonly origin: string;
  /** ms since the epoch. */
  readonly now: number;
}

export interface Arrived {
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** True for a request that claims to be signed. */
export function isOwnAddress({ query }: Pick<Arrived, 'query'>): boolean {
  return query.has(NAMES.signature);
}

/** @throws TidemarkError INVALID_INPUT for a key that no address can name */
export function signOwnAddress(
  secret: Uint8Array,
  { op, key, expiresSec, contentType, contentMd5, checksum, metadata = {} }: PresignRequest,
  { origin, now }: OwnAddressTerms,
): Presigned {
  const headers = {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(contentMd5 === undefined ? {} : { 'content-md5': contentMd5 }),
    ...(checksum === undefined ? {} : { [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`]: checksum.value }),
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
  const path = objectPath(key);
  if (path === null) throw new TidemarkError('INVALID_INPUT', `key: no address can name the key ${JSON.stringify(key)}`, { field: 'key' });
  const query = new URLSearchParams({
    [NAMES.op]: op,
    [NAMES.expires]: String(now + expiresSec * 1000),
    [NAMES.headers]: Object.keys(headers).sort().join(';'),
  });
  query.set(NAMES.signature, signatureOf(secret, key, query, headers).toString('base64url'));
  return { url: `${origin}${path}?${query}`, headers };
}

/** @param key of the path, decoded. @returns why the address is good for nothing; null: it is good */
export function checkOwnAddress(secret: Uint8Array, key: string, { method, query, headers }: Arrived, now: number): string | null {
  const names = (query.get(NAMES.headers) ?? '').split(';').filter((name) => name !== '');
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]));
  const given = Buffer.from(query.get(NAMES.signature) ?? '', 'base64url');
  const expected = signatureOf(secret, key, query, signed);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return names.length > 0 ? `it was altered, or ${names.join(', ')} is not what was signed` : 'it was altered';
  }
  if (Number(query.get(NAMES.expires)) < now) return 'its time is over';
  const unsigned = [...query.keys()].find((name) => !SIGNED.includes(name));
  if (unsigned !== undefined) return `${unsigned} was not signed`;
  const isFor = query.get(NAMES.op) === 'put' ? ['PUT'] : ['GET', 'HEAD'];
  if (!isFor.includes(method)) return `it is good for ${isFor.join(' and ')} alone`;
  const kept = method === 'PUT' && Object.keys(headers).find((name) => KEPT.test(name) && !names.includes(name));
  return kept ? `${kept} was not signed` : null;
}

/** Each part stands on a line of its own, so that none can be taken for another. */
function signatureOf(secret: Uint8Array, key: string, query: URLSearchParams, headers: Readonly<Record<string, string>>): Buffer {
  const named = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = ['tidemark.address/1', key, query.get(NAMES.op), query.get(NAMES.expires), query.get(NAMES.headers), ...named.flat()];
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest();
}
