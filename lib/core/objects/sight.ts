/** What one look at a key of a bucket shows. */
import { canonicalMap, shortHash } from '../hash.ts';

/** The headers that belong to an object's content and travel with it. */
export interface ContentHeaders {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  /** As the store sent it (an HTTP date). */
  readonly expires?: string;
  readonly websiteRedirectLocation?: string;
}

export const CONTENT_HEADERS = [
  'contentType',
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'expires',
  'websiteRedirectLocation',
] as const satisfies readonly (keyof ContentHeaders)[];

export interface Checksum {
  readonly algorithm: 'CRC64NVME' | 'CRC32' | 'CRC32C' | 'SHA1' | 'SHA256';
  /** base64, as S3 writes it. */
  readonly value: string;
  /** A COMPOSITE is a hash of hashes of parts and is never compared with a FULL_OBJECT one. */
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** One version of an object, without its bytes. */
export interface Sight {
  /** Opaque, without quotes; changes whenever the bytes do. */
  readonly etag: string;
  readonly size: number;
  /** The MD5 of the bytes in hex, where it is known: the etag of a plain PUT without KMS or customer keys is one. */
  readonly md5?: string;
  /** ms since the epoch; whole seconds on S3. */
  readonly lastModified: number;
  readonly versionId?: string;
  readonly headers: ContentHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  /** Present only when they were asked for. */
  readonly tags?: Readonly<Record<string, string>>;
  /** As HEAD tells it; undefined where the store does not tell. */
  readonly tagCount?: number;
  readonly storageClass?: string;
  readonly checksum?: Checksum;
  /** True while the bytes lie in an archive and cannot be read. */
  readonly archived?: boolean;
  /** True of what a listing told: nobody has looked at the headers, metadata and tags. */
  readonly listed?: true;
}

/** Absence is only ever reported of a bucket that was seen to be there (O10). */
export type Observation = { readonly present: true; readonly sight: Sight } | { readonly present: false };

export const ABSENT: Observation = { present: false };

/** What stores answer for an object that was given no type. */
const UNNAMED_TYPES: ReadonlySet<string> = new Set(['binary/octet-stream', 'application/octet-stream']);

/** The fingerprint of what nobody looked at. */
export const UNKNOWN_PRINT = '';

/** A fingerprint of content headers and metadata: a rewrite of them alone keeps the etag. */
export function printOf(sight: Sight): string {
  if (sight.listed) return UNKNOWN_PRINT;
  const { contentType, ...others } = sight.headers;
  const named = contentType === undefined || UNNAMED_TYPES.has(contentType) ? others : sight.headers;
  return shortHash(canonicalMap({ ...named }) + canonicalMap(sight.metadata));
}

/** A fingerprint of the tags, or undefined when they were not looked at. */
export function tagsPrintOf(sight: Sight): string | undefined {
  return sight.tags === undefined ? undefined : shortHash(canonicalMap(sight.tags));
}

/** A fingerprint of all that travels beside the bytes. */
export function propertiesPrint(sight: Sight): string {
  return `${printOf(sight)}/${tagsPrintOf(sight) ?? ''}`;
}

/**
 * True when both hold the same bytes, shown by a full-object checksum of one kind, or by one etag:
 * an etag is either a hash of the bytes (of their parts) or unique to its store, so equal etags of equal size mean equal bytes.
 */
export function sameBytes(a: Sight, b: Sight): boolean {
  if (a.size !== b.size) return false;
  const comparable =
    a.checksum &&
    b.checksum &&
    a.checksum.algorithm === b.checksum.algorithm &&
    a.checksum.type === 'FULL_OBJECT' &&
    b.checksum.type === 'FULL_OBJECT';
  if (comparable) return a.checksum?.value === b.checksum?.value;
  return a.etag === b.etag;
}

/** True when everything that travels with the bytes is equal too, as far as both sides were looked at. */
export function sameProperties(a: Sight, b: Sight): boolean {
  return printOf(a) === printOf(b) && (tagsPrintOf(a) ?? tagsPrintOf(b)) === (tagsPrintOf(b) ?? tagsPrintOf(a));
}
