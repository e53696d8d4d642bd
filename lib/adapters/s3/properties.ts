/** What travels with the bytes, as the fields of a request. */
import type { CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import type { Sight } from '../../core/objects/sight.ts';
import type { Condition } from '../../ports/objects.ts';
import { encodeMetadata, quoted, taggingHeader } from './encoding.ts';

type PropertyFields = Pick<
  CreateMultipartUploadCommandInput,
  'ContentType' | 'CacheControl' | 'ContentDisposition' | 'ContentEncoding' | 'ContentLanguage' | 'WebsiteRedirectLocation' | 'Metadata' | 'Tagging'
>;

/** All but `expires`, which the SDK would only take as a date (see expiresHeader), and the storage class (see storage-fields.ts). */
export function propertiesOf({ headers, metadata, tags }: Sight): PropertyFields {
  const tagging = taggingHeader(tags ?? {});
  return {
    ...(headers.contentType !== undefined && { ContentType: headers.contentType }),
    ...(headers.cacheControl !== undefined && { CacheControl: headers.cacheControl }),
    ...(headers.contentDisposition !== undefined && { ContentDisposition: headers.contentDisposition }),
    ...(headers.contentEncoding !== undefined && { ContentEncoding: headers.contentEncoding }),
    ...(headers.contentLanguage !== undefined && { ContentLanguage: headers.contentLanguage }),
    ...(headers.websiteRedirectLocation !== undefined && { WebsiteRedirectLocation: headers.websiteRedirectLocation }),
    Metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, encodeMetadata(value)])),
    ...(tagging !== '' && { Tagging: tagging }),
  };
}

/** The header exactly as the source holds it, even where it is no date: a normalised one would differ from the source for ever. */
export function expiresHeader({ headers }: Sight): Readonly<Record<string, string>> {
  return headers.expires === undefined ? {} : { expires: headers.expires };
}

export function conditionFields(condition: Condition | undefined): { readonly IfMatch?: string; readonly IfNoneMatch?: string } {
  if (condition === undefined) return {};
  return 'ifMatch' in condition ? { IfMatch: quoted(condition.ifMatch) } : { IfNoneMatch: '*' };
}
