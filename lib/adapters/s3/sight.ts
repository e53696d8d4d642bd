/** What HEAD, GET, PUT and copies answer, in the words of the core. */
import { TidemarkError } from '../../core/errors.ts';
import type { ByteRange } from '../../core/gateway/range.ts';
import type { Checksum, ContentHeaders, Sight } from '../../core/objects/sight.ts';
import type { Written } from '../../ports/objects.ts';
import { decodeMetadata, unquoted } from './encoding.ts';
import type { Attempt } from './errors.ts';

type Maybe<T> = { readonly [K in keyof T]?: T[K] | undefined };

type WrittenFields = Maybe<{
  ETag: string;
  VersionId: string;
  ServerSideEncryption: string;
  SSECustomerAlgorithm: string;
  ChecksumCRC64NVME: string;
  ChecksumCRC32: string;
  ChecksumCRC32C: string;
  ChecksumSHA1: string;
  ChecksumSHA256: string;
  ChecksumType: string;
}>;

/** The fields of a HEAD or GET answer that matter, named as the S3 API names them. */
export type SightFields = WrittenFields &
  Maybe<{
    ContentLength: number;
    LastModified: Date;
    ContentType: string;
    CacheControl: string;
    ContentDisposition: string;
    ContentEncoding: string;
    ContentLanguage: string;
    ExpiresString: string;
    WebsiteRedirectLocation: string;
    Metadata: Readonly<Record<string, string>>;
    TagCount: number;
    StorageClass: string;
    Restore: string;
    ArchiveStatus: string;
  }>;

/** @returns null when the answer has no etag: such an object cannot be pinned */
export function sightOf(fields: SightFields): Sight | null {
  if (!fields.ETag) return null;
  return {
    ...writtenOf(fields),
    size: fields.ContentLength ?? 0,
    lastModified: fields.LastModified?.getTime() ?? 0,
    headers: headersOf(fields),
    metadata: Object.fromEntries(Object.entries(fields.Metadata ?? {}).map(([name, value]) => [name, decodeMetadata(value)])),
    ...(fields.TagCount !== undefined && { tagCount: fields.TagCount }),
    ...(fields.StorageClass !== undefined && { storageClass: fields.StorageClass }),
    ...(isArchived(fields) && { archived: true }),
  };
}

/** @param sight as a partial answer shows it, of the part's length @returns that of the whole, and which part came */
export function partOf(
  { checksum: _ofThePart, ...sight }: Sight,
  contentRange: string | undefined,
  { operation, ...fields }: Attempt,
): { readonly sight: Sight; readonly part?: ByteRange } {
  // The last bytes of an empty object, which no range can name.
  if (sight.size === 0 && contentRange?.endsWith('/0')) return { sight };
  const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange ?? '') ?? [];
  const part = { start: Number(start), end: Number(end) };
  if (part.end - part.start + 1 === sight.size) return { sight: { ...sight, size: Number(size) }, part };
  throw new TidemarkError('REJECTED', `${operation} was answered with a part, and not said which (${contentRange})`, fields);
}

/** What the answer says of the bytes and of their names. */
export function writtenOf(fields: WrittenFields): Written {
  const etag = unquoted(fields.ETag ?? '');
  const md5 = md5Of(etag, fields);
  const checksum = checksumOf(fields, etag);
  return {
    etag,
    ...(md5 !== undefined && { md5 }),
    ...(fields.VersionId !== undefined && { versionId: fields.VersionId }),
    ...(checksum !== undefined && { checksum }),
  };
}

/** The etag of one PUT is the MD5 of its bytes, unless KMS or the customer's key encrypts them. */
function md5Of(etag: string, { ServerSideEncryption, SSECustomerAlgorithm }: WrittenFields): string | undefined {
  const plain = (ServerSideEncryption === undefined || ServerSideEncryption === 'AES256') && SSECustomerAlgorithm === undefined;
  return plain && /^[0-9a-f]{32}$/i.test(etag) ? etag.toLowerCase() : undefined;
}

function headersOf(fields: SightFields): ContentHeaders {
  return {
    ...(fields.ContentType !== undefined && { contentType: fields.ContentType }),
    ...(fields.CacheControl !== undefined && { cacheControl: fields.CacheControl }),
    ...(fields.ContentDisposition !== undefined && { contentDisposition: fields.ContentDisposition }),
    ...(fields.ContentEncoding !== undefined && { contentEncoding: fields.ContentEncoding }),
    ...(fields.ContentLanguage !== undefined && { contentLanguage: fields.ContentLanguage }),
    ...(fields.ExpiresString !== undefined && { expires: fields.ExpiresString }),
    ...(fields.WebsiteRedirectLocation !== undefined && { websiteRedirectLocation: fields.WebsiteRedirectLocation }),
  };
}

const ALGORITHMS = ['CRC64NVME', 'CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const;

/** The strongest statement that the answer makes of the bytes. */
function checksumOf(fields: WrittenFields, etag: string): Checksum | undefined {
  for (const algorithm of ALGORITHMS) {
    const value = fields[`Checksum${algorithm}`];
    if (value) return { algorithm, value, type: typeOf(fields.ChecksumType, algorithm, value, etag) };
  }
  return undefined;
}

/** Stores that name no type: a checksum of parts ends in their number, and only CRC64NVME is never one of parts. */
function typeOf(named: string | undefined, algorithm: Checksum['algorithm'], value: string, etag: string): Checksum['type'] {
  if (named === 'FULL_OBJECT' || named === 'COMPOSITE') return named;
  if (algorithm === 'CRC64NVME') return 'FULL_OBJECT';
  return value.includes('-') || etag.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT';
}

/** As HEAD tells it: listings name the usual class too. */
export function classOf(listed: string | undefined): string | undefined {
  return listed === '' || listed === 'STANDARD' ? undefined : listed;
}

const ARCHIVES: ReadonlySet<string | undefined> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

function isArchived({ StorageClass, ArchiveStatus, Restore }: SightFields): boolean {
  const restored = Restore?.includes('ongoing-request="false"') ?? false;
  return (ARCHIVES.has(StorageClass) || ArchiveStatus !== undefined) && !restored;
}
