/** A body as it comes from a sender: counted, hashed, and given up when it stands still. */
import { Readable } from 'node:stream';
import { TidemarkError } from '../../core/errors.ts';
import type { PutOptions } from '../../ports/gateway-store.ts';
import type { Body } from '../../ports/objects.ts';
import { Digests } from './digests.ts';
import { reasonOf } from './within.ts';

export interface Received {
  /** Fails at its end, before anything is stored, where the bytes are not those that were announced. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes that have passed. */
  size(): number;
}

/**
 * @param idleMs of silence while more is awaited
 * @throws TidemarkError INVALID_INPUT for a hash that can be none
 */
export function receive(body: Body, options: PutOptions, idleMs: number): Received {
  const digests = new Digests(options);
  let size = 0;
  async function* pass(): AsyncGenerator<Uint8Array> {
    await digests.begin();
    for await (const chunk of inTime(body, options.signal, idleMs)) {
      size += chunk.byteLength;
      if (options.size !== undefined && size > options.size) throw wrongLength(options.size, size);
      digests.update(chunk);
      yield chunk;
    }
    if (options.size !== undefined && size !== options.size) throw wrongLength(options.size, size);
    await digests.check();
  }
  return { body: pass(), size: () => size };
}

async function* inTime(body: Body, signal: AbortSignal | undefined, idleMs: number): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    yield body;
    return;
  }
  // A request's stream is its connection: destroyed, it could not be answered why.
  const iterator = body instanceof Readable ? body.iterator({ destroyOnReturn: false }) : body[Symbol.asyncIterator]();
  let giveUp: (reason: unknown) => void = () => undefined;
  const timer = setTimeout(() => giveUp(stoodStill(idleMs)), idleMs);
  const abort = (): void => giveUp(signal && reasonOf(signal));
  signal?.addEventListener('abort', abort);
  // Not a race with one promise that lives as long as the body: it would remember every chunk.
  const next = (): Promise<IteratorResult<Uint8Array>> =>
    new Promise((resolve, reject) => {
      giveUp = reject;
      timer.refresh();
      iterator.next().then(resolve, (error: unknown) => reject(brokeOff(error)));
    });
  try {
    for (;;) {
      if (signal?.aborted) throw reasonOf(signal);
      const { done, value } = await next();
      giveUp = () => undefined;
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    // One that stands still does not answer to this either.
    iterator.return?.().catch(() => undefined);
  }
}

function brokeOff(error: unknown): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new TidemarkError('INVALID_INPUT', `body: it broke off (${why}); send it again`, { field: 'body' }, error);
}

function stoodStill(idleMs: number): TidemarkError {
  return new TidemarkError('INVALID_INPUT', `body: nothing came for ${idleMs / 1000} s; send it again`, { field: 'body' });
}

function wrongLength(expected: number, got: number): TidemarkError {
  const message = `content-length: the body has ${got} bytes or more, ${expected} were announced; send it again`;
  return new TidemarkError('INVALID_INPUT', message, { field: 'content-length', expected, got });
}
