import type { ByteRequest } from '../api/endpoint.ts';
import type { GatewayRuntime } from '../shared/gateway-runtime.ts';
import { RequestError } from '../shared/problem.ts';

/** @throws RequestError 413 that carries the call which leads past the limit (B9) */
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
