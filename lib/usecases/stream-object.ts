import { PreconditionFailedError } from '../core/errors.ts';
import type { Sight } from '../core/objects/sight.ts';
import type { Link, WriteOptions, Written } from '../ports.ts';
import { digesting } from './digest.ts';
import { proveStreamed } from './prove.ts';

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
  const tags = await tagsOf(link, key, observed);
  const read = await link.source.read(key, { etag: observed.etag }, options.signal);
  const sight: Sight = tags === undefined ? read.sight : { ...read.sight, tags };
  const { body, digests } = digesting(read.body, sight);
  const written = await link.destination.write(key, body, { ...options, size: sight.size, like: sight });
  proveStreamed(sight, digests(), written);
  return { sight, written };
}

/** Tags don't come with the bytes: asked for where there may be some. A later change of them sends an event of its own. */
async function tagsOf(link: Link, key: string, observed: Sight): Promise<Sight['tags']> {
  if (observed.tags !== undefined) return observed.tags;
  if (observed.tagCount === 0) return {};
  const again = await link.source.head(key, { tags: true });
  if (!again.present || again.sight.etag !== observed.etag) throw new PreconditionFailedError('source', key);
  return again.sight.tags;
}
