/** Bytes in and out as they flow, of any size: what API Gateway cannot do, and the embedded host can. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteHandler } from '../../lambdas/api/byte-handler.ts';
import { headersOf } from './http-event.ts';

export interface ByteExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly actor: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** A caller who neither sends nor reads for so long is gone, ms. */
const SILENCE_MS = 120_000;

/** @throws what broke the connection, or the object's stream: the answer is cut then, since its length was announced */
export async function exchangeBytes(handle: ByteHandler, { request, response, requestId, actor, at }: ByteExchange): Promise<void> {
  const [path = '/', query = ''] = splitOnce(request.url ?? '/');
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  response.setTimeout(SILENCE_MS, () => response.destroy());
  const length = request.headers['content-length'];
  const chunked = request.headers['transfer-encoding'] !== undefined;
  const { status, headers, body } = await handle({
    method: request.method ?? 'GET',
    path,
    query,
    headers: headersOf(request),
    requestId,
    actor,
    at,
    body: askedFor(request, response),
    ...(length !== undefined || !chunked ? { size: Number(length ?? 0) } : {}),
    signal: gone.signal,
  });
  // What was refused before it was read whole: the rest would be taken for the next request.
  const isUnread = !request.complete;
  response.writeHead(status, { ...headers, 'x-request-id': requestId, ...(isUnread ? { connection: 'close' } : {}), ...lengthOf(headers, body) });
  if (isUnread) request.resume();
  if (body === undefined || request.method === 'HEAD') response.end();
  else if (body instanceof Uint8Array) response.end(body);
  else await pipeline(Readable.from(body), response);
}

/** Who waits for leave to send (Expect: 100-continue) gets it when the first byte is wanted: what is refused before is never sent. */
function askedFor(request: IncomingMessage, response: ServerResponse): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      letSend(request, response);
      // Destroyed by who reads no further, the connection could not be answered.
      return request.iterator({ destroyOnReturn: false });
    },
  };
}

export function letSend({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect !== undefined) response.writeContinue();
}

function lengthOf(headers: Readonly<Record<string, string>>, body: unknown): Readonly<Record<string, string>> {
  if (headers['content-length'] !== undefined) return {};
  return body instanceof Uint8Array ? { 'content-length': String(body.length) } : {};
}

function splitOnce(target: string): readonly [string, string] {
  const question = target.indexOf('?');
  return question < 0 ? [target, ''] : [target.slice(0, question), target.slice(question + 1)];
}
