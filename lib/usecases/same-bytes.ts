/** Whether two objects hold the same bytes, where neither etag nor checksum can say: both are read. */
import { createHash } from 'node:crypto';
import type { Side } from '../core/change.ts';
import { PreconditionFailedError } from '../core/errors.ts';
import type { Sight } from '../core/objects/sight.ts';
import type { Link, ObjectReader } from '../ports/objects.ts';

/**
 * Reads what was seen on both sides, a chunk at a time.
 * @returns null when either side is no longer as seen
 * @throws TidemarkError as ObjectReader.read; what the signal says when it ends the reading
 */
export async function sameBytes(
  { source, destination, gate }: Link,
  key: string,
  seen: Readonly<Record<Side, Sight>>,
  signal: AbortSignal,
): Promise<boolean | null> {
  try {
    const [from, to] = await gate.run(seen.from.size, () =>
      Promise.all([digest(source, key, seen.from, signal), digest(destination, key, seen.to, signal)]),
    );
    return from === to;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PreconditionFailedError) return null;
    throw error;
  }
}

async function digest(store: ObjectReader, key: string, { etag }: Sight, signal: AbortSignal): Promise<string> {
  const { body } = await store.read(key, { etag }, signal);
  const hash = createHash('sha256');
  for await (const chunk of body instanceof Uint8Array ? [body] : body) hash.update(chunk);
  return hash.digest('base64');
}
