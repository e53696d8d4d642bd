/** Writes a body: one PUT below 8 MiB, else parts, a few at a time, so that memory stays flat whatever the size. */
import { createHash } from 'node:crypto';
import { TidemarkError } from '../../core/errors.ts';
import type { Sight } from '../../core/objects/sight.ts';
import type { Body, Condition, WriteOptions, Written } from '../../ports/objects.ts';
import type { Framing, Place, S3Calls } from './calls.ts';
import type { Multipart } from './multipart.ts';
import { PartSlots } from './part-slots.ts';
import { passOn } from './pass-on.ts';

const MIB = 1024 * 1024;
/** Four of them and the one that is being filled are all that an upload holds of its object. */
const PART_BYTES = 8 * MIB;
const MAX_PARTS = 10_000;
const MAX_PUT_BYTES = 5 * 1024 * MIB;
/** Of the uploads that nobody counts: a gateway's, of which each caller begins one. */
const SHARED_SLOTS = new PartSlots(16);
const PARTS_IN_FLIGHT = 4;
/** Only objects past 300 GiB have parts so large that fewer than four fit into this. */
const MAX_BYTES_IN_FLIGHT = 128 * MIB;

export type UploadOptions = Omit<WriteOptions, 'size'> & {
  /** Absent: not known before the end of the body. */
  readonly size?: number;
  /** One of many that come by themselves: they share what may be under way. */
  readonly shared?: boolean;
  /** Sent as it comes, in one request, where it is worth it; of a store that holds bodies against their trailers. */
  readonly passOn?: Framing | undefined;
  /** Looks once more whether the object may be written, where the store honours no condition; called before `beforeCommit`. */
  readonly confirm?: () => Promise<unknown>;
};

type Sized = UploadOptions & { readonly size: number };

/**
 * @throws TidemarkError INTEGRITY when the body is not `options.size` bytes long, or a part arrived as another; TOO_LARGE for a body of
 * unknown size that its parts cannot hold; nothing is visible then
 */
export async function upload(at: Place, body: Body, options: UploadOptions, calls: S3Calls, multipart: Multipart): Promise<Written> {
  options.signal?.throwIfAborted();
  const { size } = options;
  const pass = calls.pass?.bind(calls);
  const framing = options.passOn;
  if (pass && framing && size !== undefined && isWorthPassing(size, options.like, options.condition))
    return passOn(at, body instanceof Uint8Array ? [body] : body, { ...options, size, framing }, pass);
  if (size === undefined) return uploadUnsized(at, body instanceof Uint8Array ? [body] : body, options, calls, multipart);
  return size < PART_BYTES ? putWhole(at, body, { ...options, size }, calls) : putParts(at, body, options, calls, multipart);
}

/**
 * Conditions of a PUT that takes long are judged when it begins by some stores, those of completing parts at the end; and a content encoding
 * comes out mixed with that of the request (versitygw).
 */
export function isWorthPassing(size: number, { headers }: Pick<Sight, 'headers'>, condition: Condition | undefined): boolean {
  return size >= PART_BYTES && size <= MAX_PUT_BYTES && headers.contentEncoding === undefined && condition === undefined;
}

/** Whether it is small shows when it ends within one part. */
async function uploadUnsized(
  at: Place,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: UploadOptions,
  calls: S3Calls,
  multipart: Multipart,
): Promise<Written> {
  const begun: Uint8Array[] = [];
  let received = 0;
  const rest = chunksOf(body);
  try {
    while (received < PART_BYTES) {
      const { done, value } = await rest.next();
      if (done) {
        const sized = { ...options, size: received, like: { ...options.like, size: received } };
        return await putWhole(at, Buffer.concat(begun, received), sized, calls);
      }
      begun.push(value);
      received += value.byteLength;
    }
    return await putParts(at, following(begun, rest), options, calls, multipart);
  } finally {
    await rest.return(undefined);
  }
}

async function* chunksOf(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  yield* body;
  return undefined;
}

async function* following(begun: Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let chunk = begun.shift(); chunk; chunk = begun.shift()) yield chunk;
  yield* rest;
}

async function putWhole(at: Place, body: Body, options: Sized, calls: S3Calls): Promise<Written> {
  const { size, like, condition, signal, confirm, beforeCommit } = options;
  const bytes = await whole(body, size, at);
  const md5 = createHash('md5').update(bytes).digest('base64');
  await confirm?.();
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

async function putParts(at: Place, body: Body, options: UploadOptions, calls: S3Calls, multipart: Multipart): Promise<Written> {
  const { size, like, condition, signal, confirm, beforeCommit } = options;
  const uploadId = await multipart.create(at, like, signal);
  const sent: Promise<SentPart>[] = [];
  try {
    const slots = options.shared ? SHARED_SLOTS : new PartSlots(PARTS_IN_FLIGHT);
    const parts = await sendParts(body, size, at, sent, slots, async (number, bytes) => {
      const md5 = createHash('md5').update(bytes).digest();
      const stored = await calls.putPart(at, { uploadId, number, bytes, md5: md5.toString('base64'), signal });
      // A store that ignores Content-MD5 is found out here.
      if (stored.md5 !== undefined && stored.md5 !== md5.toString('hex'))
        throw new TidemarkError('INTEGRITY', `part ${number} was stored as another one`, { ...at });
      return { number, etag: stored.etag };
    });
    await confirm?.();
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
  size: number | undefined,
  at: Place,
  sent: Promise<SentPart>[],
  slots: PartSlots,
  send: (number: number, bytes: Uint8Array) => Promise<SentPart>,
): Promise<readonly SentPart[]> {
  const partBytes = Math.max(PART_BYTES, Math.ceil((size ?? 0) / MAX_PARTS / MIB) * MIB);
  const width = Math.max(1, Math.min(PARTS_IN_FLIGHT, Math.floor(MAX_BYTES_IN_FLIGHT / partBytes)));
  const inFlight = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  let buffer = slots.buffer(partBytes);
  let filled = 0;
  let received = 0;

  const flush = async (): Promise<void> => {
    const full = buffer;
    await slots.enter();
    const part = send(sent.length + 1, full.subarray(0, filled));
    sent.push(part);
    const settled = part.then(
      () => slots.leave(full),
      (error: unknown) => {
        slots.leave();
        failures.push(error);
      },
    );
    inFlight.add(settled);
    void settled.then(() => inFlight.delete(settled));
    filled = 0;
  };

  try {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      // What is sent after a failure is sent in vain, however much of the body there is yet.
      if (failures.length > 0) throw failures[0];
      received += chunk.length;
      if (size !== undefined && received > size) throw wrongLength(at, received, size);
      if (received > partBytes * MAX_PARTS) throw tooLarge(at, partBytes * MAX_PARTS);
      for (let offset = 0; offset < chunk.length; ) {
        const taken = Math.min(partBytes - filled, chunk.length - offset);
        buffer.set(chunk.subarray(offset, offset + taken), filled);
        filled += taken;
        offset += taken;
        if (filled < partBytes) continue;
        await flush();
        if (inFlight.size >= width) await Promise.race(inFlight);
        buffer = slots.buffer(partBytes);
      }
    }
    if (size !== undefined && received !== size) throw wrongLength(at, received, size);
    if (filled > 0) await flush();
    return await Promise.all(sent);
  } catch (error) {
    for (const part of sent) part.catch(() => undefined);
    throw error;
  }
}

function tooLarge(at: Place, most: number): TidemarkError {
  const message = `a body whose size is not announced has ${most / MIB / 1024} GiB at most: send its Content-Length`;
  return new TidemarkError('TOO_LARGE', message, { ...at, most });
}

function wrongLength(at: Place, got: number, expected: number): TidemarkError {
  return new TidemarkError('INTEGRITY', `the body has ${got} bytes or more, expected ${expected}`, { ...at, got, expected });
}
