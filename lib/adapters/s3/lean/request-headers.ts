/** What travels with the bytes, and conditions, as headers of a request. */
import type { ContentHeaders, Sight } from '../../../core/objects/sight.ts';
import type { Condition } from '../../../ports/objects.ts';
import { encodeMetadata, quoted, taggingHeader } from '../encoding.ts';
import type { KeptAs } from '../storage-fields.ts';

const HEADER_NAMES: Readonly<Record<keyof ContentHeaders, string>> = {
  contentType: 'content-type',
  cacheControl: 'cache-control',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  contentLanguage: 'content-language',
  expires: 'expires',
  websiteRedirectLocation: 'x-amz-website-redirect-location',
};

type Headers = Record<string, string>;

export function propertyHeaders({ headers, metadata, tags }: Sight): Headers {
  const out: Headers = {};
  let name: keyof ContentHeaders;
  for (name in HEADER_NAMES) {
    const value = headers[name];
    if (value !== undefined) out[HEADER_NAMES[name]] = value;
  }
  for (const [key, value] of Object.entries(metadata)) out[`x-amz-meta-${key}`] = encodeMetadata(value);
  const tagging = taggingHeader(tags ?? {});
  if (tagging !== '') out['x-amz-tagging'] = tagging;
  return out;
}

export function keepingHeaders({ StorageClass, ServerSideEncryption, SSEKMSKeyId }: KeptAs): Headers {
  return {
    ...(StorageClass === undefined ? {} : { 'x-amz-storage-class': StorageClass }),
    ...(ServerSideEncryption === undefined ? {} : { 'x-amz-server-side-encryption': ServerSideEncryption }),
    ...(SSEKMSKeyId === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': SSEKMSKeyId }),
  };
}

export function conditionHeaders(condition: Condition | undefined): Headers {
  if (condition === undefined) return {};
  return 'ifMatch' in condition ? { 'if-match': quoted(condition.ifMatch) } : { 'if-none-match': '*' };
}
