/** A ListObjectsV2 answer, read without a tree: listings are the one place where XML costs. */
import type { ListedObject } from '../../../ports/objects.ts';
import { decodeListedKey, unquoted } from '../encoding.ts';
import { classOf } from '../sight.ts';
import { element, rawElement, unescapeXml } from './fields.ts';

export function listingOf(xml: string): { readonly objects: readonly ListedObject[]; readonly next?: string } {
  // Not every store encodes when asked to; those that do say so.
  const decode = element(xml, 'EncodingType') === 'url' ? decodeListedKey : (key: string): string => key;
  const objects: ListedObject[] = [];
  for (let start = xml.indexOf('<Contents>'); start >= 0; ) {
    const end = xml.indexOf('</Contents>', start);
    if (end < 0) break;
    const entry = xml.slice(start, end);
    const storageClass = classOf(rawElement(entry, 'StorageClass'));
    objects.push({
      key: decode(element(entry, 'Key') ?? ''),
      etag: etagIn(rawElement(entry, 'ETag') ?? ''),
      size: Number(rawElement(entry, 'Size') ?? 0),
      // Whole seconds, as HEAD says it.
      lastModified: Math.floor(Date.parse(rawElement(entry, 'LastModified') ?? '') / 1000) * 1000,
      ...(storageClass === undefined ? {} : { storageClass }),
    });
    start = xml.indexOf('<Contents>', end);
  }
  const next = element(xml, 'NextContinuationToken');
  return { objects, ...(element(xml, 'IsTruncated') === 'true' && next !== undefined && { next }) };
}

/** Its quotes are what most stores escape, in every entry of a listing. */
function etagIn(text: string): string {
  const inner = /^(?:&quot;|&#34;|")([^&"]*)(?:&quot;|&#34;|")$/.exec(text)?.[1];
  return inner ?? unquoted(unescapeXml(text));
}
