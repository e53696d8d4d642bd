/** The bytes of a write, streamed into a file that nobody sees yet. */
import { createHash, randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { TidemarkError } from '../../core/errors.ts';
import type { Body } from '../../ports/objects.ts';
import type { Clock } from '../../ports/system.ts';
import { unlessAbsent } from './failures.ts';
import { nextStamp } from './identity.ts';
import { TEMPORARY } from './names.ts';

export interface Staged {
  /** Absolute. */
  readonly path: string;
  readonly stat: BigIntStats;
  /** Hex. */
  readonly md5: string;
}

/**
 * Durable when it resolves, and nothing is left when it does not.
 * @param size bytes that the body must have, where that is known
 * @throws TidemarkError INTEGRITY when the body has another size; what the body or the signal throws
 */
export async function stage(root: string, body: Body, size: number | undefined, clock: Clock, signal: AbortSignal | undefined): Promise<Staged> {
  const path = `${root}/${TEMPORARY}/${randomUUID()}`;
  const handle = await open(path, 'wx');
  try {
    const md5 = createHash('md5');
    let written = 0;
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      signal?.throwIfAborted();
      written += chunk.byteLength;
      if (size !== undefined && written > size) throw wrongSize(size, written);
      md5.update(chunk);
      await handle.writeFile(chunk);
    }
    signal?.throwIfAborted();
    if (size !== undefined && written !== size) throw wrongSize(size, written);
    const stamp = nextStamp(clock) / 1_000_000;
    await handle.utimes(stamp, stamp);
    await handle.sync();
    return { path, stat: await handle.stat({ bigint: true }), md5: md5.digest('hex') };
  } catch (error) {
    await discard(path);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Removes a staged file that was not or could not be put in its place. */
export async function discard(path: string): Promise<void> {
  await unlessAbsent(unlink(path));
}

function wrongSize(expected: number, got: number): TidemarkError {
  return new TidemarkError('INTEGRITY', `the body has ${got} bytes or more, ${expected} were announced`, { expected, got });
}
