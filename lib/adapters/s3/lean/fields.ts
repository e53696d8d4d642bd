/** Headers and XML of S3's answers, as the fields that the SDK would make of them. */
import type { SightFields } from '../sight.ts';

type Headers = Readonly<Record<string, string>>;

const FIELDS: ReadonlyMap<string, keyof SightFields> = new Map([
  ['etag', 'ETag'],
  ['x-amz-version-id', 'VersionId'],
  ['x-amz-server-side-encryption', 'ServerSideEncryption'],
  ['x-amz-server-side-encryption-customer-algorithm', 'SSECustomerAlgorithm'],
  ['x-amz-checksum-crc64nvme', 'ChecksumCRC64NVME'],
  ['x-amz-checksum-crc32', 'ChecksumCRC32'],
  ['x-amz-checksum-crc32c', 'ChecksumCRC32C'],
  ['x-amz-checksum-sha1', 'ChecksumSHA1'],
  ['x-amz-checksum-sha256', 'ChecksumSHA256'],
  ['x-amz-checksum-type', 'ChecksumType'],
  ['content-type', 'ContentType'],
  ['cache-control', 'CacheControl'],
  ['content-disposition', 'ContentDisposition'],
  ['content-encoding', 'ContentEncoding'],
  ['content-language', 'ContentLanguage'],
  ['expires', 'ExpiresString'],
  ['x-amz-website-redirect-location', 'WebsiteRedirectLocation'],
  ['x-amz-storage-class', 'StorageClass'],
  ['x-amz-restore', 'Restore'],
  ['x-amz-archive-status', 'ArchiveStatus'],
]);

const METADATA = 'x-amz-meta-';

/** @param headers lower-case names */
export function fieldsOf(headers: Headers): SightFields {
  const fields: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const field = FIELDS.get(name);
    if (field !== undefined) fields[field] = value;
    else if (name.startsWith(METADATA)) metadata[name.slice(METADATA.length)] = value;
  }
  fields.Metadata = metadata;
  fields.ContentLength = Number(headers['content-length'] ?? 0);
  fields.LastModified = new Date(headers['last-modified'] ?? 0);
  const tagCount = headers['x-amz-tagging-count'];
  if (tagCount !== undefined) fields.TagCount = Number(tagCount);
  return fields;
}

/** The text of the first element of this name; S3's answers to copies and errors are flat. */
export function element(xml: string, name: string): string | undefined {
  const text = rawElement(xml, name);
  return text === undefined ? undefined : unescapeXml(text);
}

/** The same as it is written, where what it may hold needs no unescaping. */
export function rawElement(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`);
  if (start < 0) return undefined;
  const begin = start + name.length + 2;
  // What an element holds is text alone: its end is the next tag.
  const end = xml.indexOf('<', begin);
  return end < 0 ? undefined : xml.slice(begin, end);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)));
  });
}
