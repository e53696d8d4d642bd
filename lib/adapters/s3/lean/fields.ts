/** Headers and XML of S3's answers, as the fields that the SDK would make of them. */
import type { SightFields } from '../sight.ts';

type Headers = Readonly<Record<string, string>>;

const NAMES = {
  ETag: 'etag',
  VersionId: 'x-amz-version-id',
  ServerSideEncryption: 'x-amz-server-side-encryption',
  SSECustomerAlgorithm: 'x-amz-server-side-encryption-customer-algorithm',
  ChecksumCRC64NVME: 'x-amz-checksum-crc64nvme',
  ChecksumCRC32: 'x-amz-checksum-crc32',
  ChecksumCRC32C: 'x-amz-checksum-crc32c',
  ChecksumSHA1: 'x-amz-checksum-sha1',
  ChecksumSHA256: 'x-amz-checksum-sha256',
  ChecksumType: 'x-amz-checksum-type',
  ContentType: 'content-type',
  CacheControl: 'cache-control',
  ContentDisposition: 'content-disposition',
  ContentEncoding: 'content-encoding',
  ContentLanguage: 'content-language',
  ExpiresString: 'expires',
  WebsiteRedirectLocation: 'x-amz-website-redirect-location',
  StorageClass: 'x-amz-storage-class',
  Restore: 'x-amz-restore',
  ArchiveStatus: 'x-amz-archive-status',
} as const;

const NAMED = Object.entries(NAMES);
const METADATA = 'x-amz-meta-';

export function fieldsOf(headers: Headers): SightFields {
  const fields: Record<string, unknown> = {};
  for (const [field, name] of NAMED) {
    const value = headers[name];
    if (value !== undefined) fields[field] = value;
  }
  const metadata: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    if (name.startsWith(METADATA)) metadata[name.slice(METADATA.length)] = headers[name] ?? '';
  }
  const tagCount = headers['x-amz-tagging-count'];
  return {
    ...fields,
    Metadata: metadata,
    ContentLength: Number(headers['content-length'] ?? 0),
    LastModified: new Date(headers['last-modified'] ?? 0),
    ...(tagCount === undefined ? {} : { TagCount: Number(tagCount) }),
  };
}

/** The text of the first element of this name; S3's answers to copies and errors are flat. */
export function element(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`);
  if (start < 0) return undefined;
  const end = xml.indexOf(`</${name}>`, start);
  return end < 0 ? undefined : unescapeXml(xml.slice(start + name.length + 2, end));
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)));
  });
}
