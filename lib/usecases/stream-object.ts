import type { Sight } from '../core/objects/sight.ts';
import type { Link, WriteOptions, Written } from '../ports.ts';
import { digesting } from './digest.ts';
import { proveStreamed } from './prove.ts';
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
  const { tags } = await withTags(link.source, key, observed);
  return link.gate.run(observed.size, async () => {
    const read = await link.source.read(key, { etag: observed.etag }, options.signal);
    const sight: Sight = tags === undefined ? read.sight : { ...read.sight, tags };
    const { body, digests } = digesting(read.body, sight);
    const written = await link.destination.write(key, body, { ...options, size: sight.size, like: sight });
    proveStreamed(sight, digests(), written);
    return { sight, written };
  });
}
