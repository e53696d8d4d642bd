/** Writes a body: one PUT below 8 MiB, else parts, a few at a time, so that memory stays flat whatever the size. */
import { createHash } from 'node:crypto';
import { TidemarkError } from '../../core/errors.ts';
import type { Body, WriteOptions, Written } from '../../ports/objects.ts';
import type { Place, S3Calls } from './calls.ts';
import type { Multipart } from './multipart.ts';

const MIB = 1024 * 1024;
/** Four of them and the one that is being filled are all that an upload holds of its object. */
const PART_BYTES = 8 * MIB;
const MAX_PARTS = 10_000;
const PARTS_IN_FLIGHT = 4;
/** Only objects past 300 GiB have parts so large that fewer than four fit into this. */
const MAX_BYTES_IN_FLIGHT = 128 * MIB;

/** @throws TidemarkError INTEGRITY when the body is not `options.size` bytes long, or a part arrived as another; nothing is visible then */
export async function upload(at: Place, body: Body, options: WriteOptions, calls: S3Calls, multipart: Multipart): Promise<Written> {
  options.signal?.throwIfAborted();
  return options.size < PART_BYTES ? putWhole(at, body, options, calls) : putParts(at, body, options, calls, multipart);
}

async function putWhole(at: Place, body: Body, options: WriteOptions, calls: S3Calls): Promise<Written> {
  const { size, like, condition, signal, beforeCommit } = options;
  const bytes = await whole(body, size, at);
  const md5 = createHash('md5').update(bytes).digest('base64');
  signal?.throwIfAborted();
  beforeCommit?.();
  return calls.put(at, { bytes, md5, like, condition, signal });
}

async function whole(body: Body, size: number, at: Place): Promise<Uint8Array> {
  if (body instanceof Uint8Array) {
    if (body.length !== size) throw wrongLength(at, body.length, size);
    return body;
  }
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  for await (const chunk of body) {
    if (filled + chunk.length > size) throw wrongLength(at, filled + chunk.length, size);
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled !== size) throw wrongLength(at, filled, size);
  return bytes;
}

async function putParts(at: Place, body: Body, options: WriteOptions, calls: S3Calls, multipart: Multipart): Promise<Written> {
  const { size, like, condition, signal, beforeCommit } = options;
  const uploadId = await multipart.create(at, like, signal);
  const sent: Promise<SentPart>[] = [];
  try {
    const parts = await sendParts(body, size, at, sent, async (number, bytes) => {
      const md5 = createHash('md5').update(bytes).digest();
      const stored = await calls.putPart(at, { uploadId, number, bytes, md5: md5.toString('base64'), signal });
      // A store that ignores Content-MD5 is found out here.
      if (stored.md5 !== undefined && stored.md5 !== md5.toString('hex'))
        throw new TidemarkError('INTEGRITY', `part ${number} was stored as another one`, { ...at });
      return { number, etag: stored.etag };
    });
    signal?.throwIfAborted();
    beforeCommit?.();
    return await multipart.complete(at, uploadId, parts, condition, signal);
  } catch (error) {
    // A part that a store has begun to take could bring an ended upload back: those on their way arrive first.
    await Promise.allSettled(sent);
    // Best effort, and safe to fail: an upload without its completion is invisible, and a lifecycle rule ends it.
    await multipart.abort(at, uploadId).catch(() => undefined);
    throw error;
  }
}

type SentPart = { readonly number: number; readonly etag: string };

/** Cuts the body and sends its parts while it reads on; the buffers are used again and again. */
async function sendParts(
  body: Body,
  size: number,
  at: Place,
  sent: Promise<SentPart>[],
  send: (number: number, bytes: Uint8Array) => Promise<SentPart>,
): Promise<readonly SentPart[]> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS / MIB) * MIB);
  const width = Math.max(1, Math.min(PARTS_IN_FLIGHT, Math.floor(MAX_BYTES_IN_FLIGHT / partBytes)));
  const free: Buffer<ArrayBuffer>[] = [];
  const inFlight = new Set<Promise<unknown>>();
  let buffer = Buffer.allocUnsafeSlow(partBytes);
  let filled = 0;
  let received = 0;

  const flush = (): void => {
    const full = buffer;
    const part = send(sent.length + 1, full.subarray(0, filled));
    sent.push(part);
    const settled = part.finally(() => {
      inFlight.delete(settled);
      free.push(full);
    });
    inFlight.add(settled);
    // Its failure is met at the next wait; until then it must not count as unhandled.
    settled.catch(() => undefined);
    filled = 0;
  };

  try {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      received += chunk.length;
      if (received > size) throw wrongLength(at, received, size);
      for (let offset = 0; offset < chunk.length; ) {
        const taken = Math.min(partBytes - filled, chunk.length - offset);
        buffer.set(chunk.subarray(offset, offset + taken), filled);
        filled += taken;
        offset += taken;
        if (filled < partBytes) continue;
        flush();
        if (inFlight.size >= width) await Promise.race(inFlight);
        buffer = free.pop() ?? Buffer.allocUnsafeSlow(partBytes);
      }
    }
    if (received !== size) throw wrongLength(at, received, size);
    if (filled > 0) flush();
    return await Promise.all(sent);
  } catch (error) {
    for (const part of sent) part.catch(() => undefined);
    throw error;
  }
}

function wrongLength(at: Place, got: number, expected: number): TidemarkError {
  return new TidemarkError('INTEGRITY', `the body has ${got} bytes or more, expected ${expected}`, { ...at, got, expected });
}
