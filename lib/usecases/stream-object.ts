import { TidemarkError } from '../core/errors.ts';
import type { Sight } from '../core/objects/sight.ts';
import type { Link, WriteOptions, Written } from '../ports/objects.ts';
import { digesting } from './digest.ts';
import { proveRead, proveWritten } from './prove.ts';
import { withTags } from './with-tags.ts';

/**
 * Reads the pinned version at the source and writes it to the destination, chunk by chunk, hashing on the way.
 * @returns what was read (its metadata is of the same moment as its bytes) and how the destination calls it
 * @throws PreconditionFailedError when either side is no longer as observed; TidemarkError INTEGRITY
 */
export async function streamObject(
  link: Link,
  key: string,
  observed: Sight,
  options: Pick<WriteOptions, 'condition' | 'signal' | 'beforeCommit'>,
): Promise<{ readonly sight: Sight; readonly written: Written }> {
  return link.gate.run(observed.size, async () => {
    // Ends the read whatever happens: a body that nobody reads to its end would hold its connection for ever.
    const over = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
    try {
      return await copyThrough(link, key, observed, { ...options, signal });
    } finally {
      over.abort(OVER);
    }
  });
}

const OVER = new TidemarkError('INTERNAL', 'the copy is over');

async function copyThrough(
  link: Link,
  key: string,
  observed: Sight,
  options: Pick<WriteOptions, 'condition' | 'signal' | 'beforeCommit'>,
): Promise<{ readonly sight: Sight; readonly written: Written }> {
  const read = await link.source.read(key, { etag: observed.etag }, options.signal);
  // Asked for after the bytes: tags of an older version must never be recorded as those of a newer one with the same etag.
  const { tags } = await withTags(link, key, read.sight);
  const sight: Sight = tags === undefined ? read.sight : { ...read.sight, tags };
  const { body, digests } = digesting(read.body, sight);
  // What was read is proven before it can be seen, what was written afterwards.
  const beforeCommit = (): void => {
    proveRead(sight, digests());
    options.beforeCommit?.();
  };
  const written = await link.destination.write(key, body, { ...options, beforeCommit, size: sight.size, like: sight });
  proveWritten(sight, digests(), written);
  return { sight, written };
}
