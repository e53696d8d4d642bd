/** The bytes of one version of a file: whole when small, else in chunks, and never mixed with those of another. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PreconditionFailedError } from '../../core/errors.ts';
import type { ByteRange } from '../../core/gateway/range.ts';
import type { Body } from '../../ports/objects.ts';
import { explained, isAbsence } from './failures.ts';
import { etagOf } from './identity.ts';
import type { Place } from './place.ts';

const WHOLE_BYTES = 256 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** A name that became a link or a pipe since it was looked at is neither followed nor waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** @throws PreconditionFailedError side `source`, also while the body flows, when the file is not or no longer as seen */
export async function bodyOf(key: string, place: Place, range: ByteRange | undefined, signal: AbortSignal | undefined): Promise<Body> {
  const size = Number(place.stat.size);
  const start = range?.start ?? 0;
  const bytes = (range ? Math.min(range.end + 1, size) : size) - start;
  const chunks = pinnedChunks(key, place, { start, bytes }, signal);
  if (bytes > WHOLE_BYTES) return chunks;
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

/** The file is opened at the first read, so that a body which nobody reads holds no descriptor. */
async function* pinnedChunks(
  key: string,
  place: Place,
  { start, bytes }: { readonly start: number; readonly bytes: number },
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { handle, check } = await explained({ key }, () => openPinned(key, place));
  try {
    for (let left = bytes; left > 0; ) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, left));
      const { bytesRead } = await explained({ key }, () => handle.read(buffer, 0, buffer.length, start + bytes - left));
      if (bytesRead === 0) throw new PreconditionFailedError('source', key);
      left -= bytesRead;
      // Checked before the last bytes are handed out: who has them all has one version.
      if (left === 0) await check();
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function openPinned(key: string, place: Place): Promise<{ readonly handle: FileHandle; readonly check: () => Promise<void> }> {
  const handle = await open(place.path, FLAGS).catch((error: unknown) => {
    throw isAbsence(error) ? new PreconditionFailedError('source', key, error) : error;
  });
  const check = async (): Promise<void> => {
    if (etagOf(await handle.stat({ bigint: true })) !== etagOf(place.stat)) throw new PreconditionFailedError('source', key);
  };
  try {
    await check();
    return { handle, check };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
