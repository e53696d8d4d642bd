/** A file and its properties as the sight of an object. */
import type { Sight } from '../../core/objects/sight.ts';
import { contentTypeOf } from './content-type.ts';
import { etagOf, modifiedAt } from './identity.ts';
import type { Place } from './place.ts';
import type { Properties } from './sidecar.ts';

export function sightOf(place: Place, { headers, metadata, tags, md5 }: Properties, withTags = false): Sight {
  return {
    etag: etagOf(place.stat),
    size: Number(place.stat.size),
    lastModified: modifiedAt(place.stat),
    headers,
    metadata,
    tagCount: Object.keys(tags).length,
    ...(md5 !== undefined && { md5 }),
    ...(withTags && { tags }),
  };
}

/** What a file without a sidecar says of itself. */
export function bareProperties(key: string): Properties {
  const contentType = contentTypeOf(key);
  return { headers: contentType === undefined ? {} : { contentType }, metadata: {}, tags: {} };
}

/** True when a sidecar would say nothing that the file does not. */
export function isBare(key: string, { headers, metadata, tags }: Properties): boolean {
  const others = Object.entries(headers).filter(([name, value]) => value !== undefined && name !== 'contentType');
  return headers.contentType === contentTypeOf(key) && others.length === 0 && Object.keys({ ...metadata, ...tags }).length === 0;
}
