/** The listing as the observation: what it told of an object that nobody knew, and when that is enough for a copy without a HEAD. */
import type { LinkTraits } from './plan.ts';
import type { ReplicationRecord } from './record.ts';
import type { Sight } from './sight.ts';

export interface Listed {
  /** Without quotes. */
  readonly etag: string;
  readonly size: number;
  /** ms since the epoch, whole seconds as HEAD tells them. */
  readonly lastModified: number;
  readonly storageClass?: string;
}

/** What goes along with a look at a key that only the source lists, and that nobody knows; undefined for all other keys. */
export function listedAlone(source: Listed, destination: Listed | undefined, record: ReplicationRecord | undefined): Listed | undefined {
  if (destination || record) return undefined;
  const { etag, size, lastModified, storageClass } = source;
  return { etag, size, lastModified, ...(storageClass === undefined ? {} : { storageClass }) };
}

/** Of these HEAD alone tells whether they can be read just now. */
const ARCHIVES: ReadonlySet<string | undefined> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/**
 * The source as a listing showed it, or null where a HEAD must tell.
 * However old it is, a copy pinned to its etag is right or refused: the store compares the pin with the source of that moment, and takes
 * along the headers, metadata and tags of that moment. So it is enough where all of these hold: nothing is recorded of the key, the store
 * copies it in one request, and that request leaves none of the headers behind.
 */
export function sightOfListed(listed: Listed, record: ReplicationRecord, link: LinkTraits): Sight | null {
  const { etag, size, lastModified, storageClass } = listed;
  const oneRequest = link.serverSide && link.copiesWhole === true && size < link.partsFrom;
  if (record.version > 0 || !oneRequest || ARCHIVES.has(storageClass)) return null;
  return { etag, size, lastModified, headers: {}, metadata: {}, listed: true, ...(storageClass === undefined ? {} : { storageClass }) };
}
