/** The body of an answer: whole when it is small, else a stream that fails when it ends early. */
import { Readable } from 'node:stream';
import { TidemarkError } from '../../core/errors.ts';
import type { Body } from '../../ports/objects.ts';
import { type Attempt, fromSdk } from './errors.ts';

/** Below this a body is cheaper to hold than to pass on in pieces. */
const WHOLE_BYTES = 256 * 1024;

/** @param size bytes that the answer's head promised */
export async function bodyOf(body: unknown, size: number, what: Attempt, signal?: AbortSignal): Promise<Body> {
  if (!(body instanceof Readable)) throw new TidemarkError('INTERNAL', 'the SDK gave a body that is no stream', { ...what });
  // A connection may break before anyone reads; the reader is told then, and the process must not end of it.
  body.on('error', () => undefined);
  const stream = checked(body, size, what, signal);
  if (size > WHOLE_BYTES) return { [Symbol.asyncIterator]: () => ({ next: () => stream.next(), return: () => leave(stream, body) }) };
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

/** A reader may leave before the first byte, too, when the generator knows of nothing to end. */
function leave(stream: AsyncGenerator<Uint8Array>, body: Readable): Promise<IteratorResult<Uint8Array>> {
  body.destroy();
  return stream.return(undefined);
}

async function* checked(body: Readable, size: number, what: Attempt, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  let received = 0;
  try {
    for await (const chunk of body) {
      received += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw fromSdk(error, what, signal);
  }
  if (received !== size) throw new TidemarkError('UNAVAILABLE', `the body ended after ${received} of ${size} bytes`, { ...what });
}
