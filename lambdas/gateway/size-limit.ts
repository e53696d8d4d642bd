/** What is larger than a host lets through goes by signed addresses (B9). */
import { grant } from '../../lib/core/gateway/signing.ts';
import type { ServedObject } from '../../lib/ports/gateway-store.ts';
import type { Body } from '../../lib/ports/objects.ts';
import type { ByteRequest } from '../api/endpoint.ts';
import type { GatewayRuntime } from '../shared/gateway-runtime.ts';
import { RequestError } from '../shared/problem.ts';

/** @throws RequestError 413 that carries the call which leads past the limit */
export function assertFits({ maxBytes }: GatewayRuntime, key: string, { size, headers }: Pick<ByteRequest, 'size' | 'headers'>): void {
  if (!maxBytes || (size ?? 0) <= maxBytes.put) return;
  const contentType = headers['content-type'];
  const call = JSON.stringify({ op: 'put', key, ...(contentType === undefined ? {} : { contentType }) });
  throw new RequestError(413, `the body has ${size} bytes, and ${maxBytes.put} at most pass here`, [
    {
      field: 'body',
      message: 'it is too large for this way',
      fix: `POST /sign ${call}, and PUT the object at the url of the answer; \`tidemark put\` does so by itself.`,
    },
  ]);
}

/**
 * Where an object can be read that is too large to be answered here; undefined: it is not.
 * @throws RequestError 413 where the configuration lets nobody sign that, or the region signs nothing
 */
export async function tooLargeHere(
  { maxBytes, config, store }: Pick<GatewayRuntime, 'maxBytes' | 'config' | 'store'>,
  region: string,
  key: string,
  { part, sight }: ServedObject,
): Promise<string | undefined> {
  const size = part ? part.end - part.start + 1 : sight.size;
  if (!maxBytes || size <= maxBytes.get) return undefined;
  const granted = grant(config.signing, 'get', key);
  const signed = 'problem' in granted ? undefined : await store(region).presign?.({ op: 'get', key, ...granted });
  if (signed) return signed.url;
  const message = `${size} bytes are asked for, and ${maxBytes.get} at most can be answered here`;
  throw new RequestError(413, message, [
    {
      field: 'range',
      message,
      fix: `Ask for ${maxBytes.get} bytes at a time by Range; or let gateway.signing.rules of the configuration allow "get" for this key.`,
    },
  ]);
}

/** Lets go of a body that nobody will read. */
export async function leave(body: Body): Promise<void> {
  if (!(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.();
}
