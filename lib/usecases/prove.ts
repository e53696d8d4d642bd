/** Step 5 of a key's path: what was written is what was observed (O4). Each throws TidemarkError INTEGRITY. */
import { PreconditionFailedError, TidemarkError } from '../core/errors.ts';
import type { Sight } from '../core/objects/sight.ts';
import type { Link, Written } from '../ports/objects.ts';
import type { Digests } from './digest.ts';

/**
 * A copy against its source, by whatever both sides name: full-object checksums of one kind, or MD5s.
 * Where neither can be compared (a multipart or KMS etag without checksums) the store's word for a pinned copy stands;
 * docs/architecture.md says which sources that concerns.
 */
export function proveCopy(source: Sight, written: Written): void {
  const ours = source.checksum;
  const theirs = written.checksum;
  if (
    ours &&
    theirs &&
    ours.algorithm === theirs.algorithm &&
    ours.type === 'FULL_OBJECT' &&
    theirs.type === 'FULL_OBJECT' &&
    ours.value !== theirs.value
  ) {
    throw differs(ours.algorithm, ours.value, theirs.value);
  }
  if (source.md5 !== undefined && written.md5 !== undefined && source.md5 !== written.md5) throw differs('MD5', source.md5, written.md5);
}

/**
 * What was copied as a listing told it. One etag on both sides proves the bytes; where the store gave the copy another one (it was made
 * of parts, or is encrypted with another key) the source is looked at after all.
 * @throws PreconditionFailedError when the source is no longer as it was listed
 */
export async function sourceOfListed({ source }: Pick<Link, 'source'>, key: string, listed: Sight, written: Written): Promise<Sight> {
  if (written.etag === listed.etag) return listed;
  const seen = await source.head(key);
  if (!seen.present || seen.sight.etag !== listed.etag || seen.sight.lastModified !== listed.lastModified)
    throw new PreconditionFailedError('source', key);
  return seen.sight;
}

/** What was read of a streamed copy, against what the source names. */
export function proveRead(source: Sight, read: Digests): void {
  if (read.size !== source.size) throw differs('size as read', String(source.size), String(read.size));
  if (source.md5 !== undefined && source.md5 !== read.md5) throw differs('MD5 as read', source.md5, read.md5 ?? '');
  if (read.checksum !== undefined && read.checksum !== source.checksum?.value)
    throw differs('checksum as read', source.checksum?.value ?? '', read.checksum);
}

/** What the destination confirmed of a streamed copy, against what was read. */
export function proveWritten(source: Sight, read: Digests, written: Written): void {
  proveCopy(source, written);
  if (written.md5 !== undefined && read.md5 !== undefined && written.md5 !== read.md5) throw differs('MD5 as written', read.md5, written.md5);
}

function differs(what: string, expected: string, got: string): TidemarkError {
  return new TidemarkError('INTEGRITY', `the ${what} of the copy is ${got}, expected ${expected}`, { what, expected, got });
}
