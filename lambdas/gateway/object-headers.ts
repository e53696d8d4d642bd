/** Objects' headers, as HTTP names them: those that are stored with an object, and those that tell of it. */
import { decodeMetadata, encodeMetadata } from '../../lib/adapters/s3/encoding.ts';
import { type Checksum, CONTENT_HEADERS, type ContentHeaders, type Sight } from '../../lib/core/objects/sight.ts';
import type { PutOptions, ReadOptions, ServedObject } from '../../lib/ports/gateway-store.ts';
import { badRequest } from '../api/request.ts';
import { assertPutHeaders, UNSIGNED } from './write-refusals.ts';

type Headers = Readonly<Record<string, string | undefined>>;

const META = 'x-amz-meta-';
/** As S3 bounds it: names and values together, bytes. */
const MAX_METADATA_BYTES = 2048;
const CHECKSUM = 'x-amz-checksum-';
const ALGORITHMS: readonly Checksum['algorithm'][] = ['CRC64NVME', 'CRC32', 'CRC32C', 'SHA1', 'SHA256'];
/** What a user's page may do where it is opened from this address: nothing. */
const INERT = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
};

const NAMES: Readonly<Record<keyof ContentHeaders, string>> = {
  contentType: 'content-type',
  cacheControl: 'cache-control',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  contentLanguage: 'content-language',
  expires: 'expires',
  websiteRedirectLocation: 'x-amz-website-redirect-location',
};

/** @throws RequestError 400 that names the header */
export function putOptionsOf(headers: Headers, size: number | undefined): Omit<PutOptions, 'beforeCommit' | 'signal'> {
  const { 'content-md5': contentMd5, 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'x-amz-content-sha256': payload } = headers;
  assertPutHeaders(headers);
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw badRequest([
      { field: 'if-none-match', message: 'a write takes * alone', fix: 'Send `If-None-Match: *` to write only what is not there, or If-Match.' },
    ]);
  }
  const checksum = checksumOf(headers);
  return {
    ...(size === undefined ? {} : { size }),
    headers: contentHeadersOf(headers),
    metadata: metadataOf(headers),
    ...(contentMd5 === undefined ? {} : { contentMd5 }),
    ...(payload === undefined || payload === UNSIGNED ? {} : { contentSha256: payload }),
    ...(checksum ? { checksum } : {}),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
  };
}

export function readOptionsOf(headers: Headers): Omit<ReadOptions, 'signal'> {
  const named = {
    range: headers.range,
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
    ifUnmodifiedSince: headers['if-unmodified-since'],
    ifRange: headers['if-range'],
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** Of an answer that carries the object, or would. */
export function headersOf({ sight, part }: ServedObject): Record<string, string> {
  const { size, md5 } = sight;
  return {
    ...INERT,
    'content-type': 'application/octet-stream',
    ...Object.fromEntries(
      CONTENT_HEADERS.flatMap((name) => (sight.headers[name] === undefined ? [] : [[NAMES[name], sendable(sight.headers[name])]])),
    ),
    ...Object.fromEntries(Object.entries(sight.metadata).map(([name, value]) => [`${META}${name}`, encodeMetadata(value)])),
    ...validatorsOf(sight),
    ...(sight.checksum?.type === 'FULL_OBJECT' && !part ? { [`${CHECKSUM}${sight.checksum.algorithm.toLowerCase()}`]: sight.checksum.value } : {}),
    ...(md5 === undefined || part ? {} : { 'content-md5': Buffer.from(md5, 'hex').toString('base64') }),
    'accept-ranges': 'bytes',
    'content-length': String(part ? part.end - part.start + 1 : size),
    ...(part ? { 'content-range': `bytes ${part.start}-${part.end}/${size}` } : {}),
  };
}

export function validatorsOf({ etag, lastModified, versionId }: Sight): Record<string, string> {
  return {
    etag: `"${etag}"`,
    'last-modified': new Date(lastModified).toUTCString(),
    ...(versionId === undefined ? {} : { 'x-amz-version-id': versionId }),
  };
}

/**
 * Node sends a character a byte: what has others goes out as the UTF-8 that it once came in as. What ends a line, in whatever way it came to be
 * stored, would keep the whole object from being read.
 */
function sendable(value = ''): string {
  const line = value.replace(/[^\t\x20-\x7e\x80-\uffff]/g, ' ');
  return /[^\0-\xff]/.test(line) ? Buffer.from(line, 'utf8').toString('latin1') : line;
}

/** @throws RequestError 400 for what stores cannot sign, and would answer with an error of their own */
function contentHeadersOf(headers: Headers): ContentHeaders {
  const given = CONTENT_HEADERS.flatMap((name) => {
    const value = headers[NAMES[name]];
    return value === undefined ? [] : [{ name, value }];
  });
  const odd = given.find(({ value }) => !/^[\t\x20-\x7e]*$/.test(value));
  if (odd) {
    const fix = "Encode it, as filename*=UTF-8''na%C3%AFve.txt in Content-Disposition (RFC 8187).";
    throw badRequest([{ field: NAMES[odd.name], message: 'it holds more than ASCII', fix }]);
  }
  return Object.fromEntries(given.map(({ name, value }) => [name, value]));
}

function metadataOf(headers: Headers): Readonly<Record<string, string>> {
  const found = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(META) && value !== undefined ? [[name.slice(META.length), decodeMetadata(value)] as const] : [],
  );
  const bytes = found.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (bytes > MAX_METADATA_BYTES) {
    throw badRequest([{ field: META, message: `metadata of ${bytes} bytes, ${MAX_METADATA_BYTES} at most are kept`, fix: 'Send less of it.' }]);
  }
  return Object.fromEntries(found);
}

function checksumOf(headers: Headers): Pick<Checksum, 'algorithm' | 'value'> | undefined {
  const given = ALGORITHMS.flatMap((algorithm) => {
    const value = headers[`${CHECKSUM}${algorithm.toLowerCase()}`];
    return value === undefined ? [] : [{ algorithm, value }];
  });
  if (given.length > 1) throw badRequest([{ field: CHECKSUM, message: 'there is more than one checksum', fix: 'Send one of them.' }]);
  return given[0];
}
