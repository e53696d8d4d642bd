import { type IndexedObject, indexed } from '../../core/gateway/indexed.ts';
import type { RecordPages } from '../../ports/record-pages.ts';

export interface ListObjectsQuery {
  readonly route: string;
  readonly prefix: string;
  readonly after?: string;
  readonly limit: number;
}

/** Pages of records looked at for one answer: where most are of objects that are gone, it is a part. */
const MAX_PAGES = 20;

/** Objects that both regions hold, in the UTF-8 byte order of their keys. `next`: there may be more after that key. */
export async function listObjects(
  pages: RecordPages,
  { after, limit, ...query }: ListObjectsQuery,
): Promise<{ readonly objects: readonly IndexedObject[]; readonly next?: string }> {
  const objects: IndexedObject[] = [];
  let from = after;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { records, next } = await pages.page({ ...query, limit: limit - objects.length, ...(from === undefined ? {} : { after: from }) });
    objects.push(...records.flatMap((record) => indexed(record) ?? []));
    if (next === undefined) return { objects };
    from = next;
    if (objects.length === limit) break;
  }
  return { objects, ...(from === undefined ? {} : { next: from }) };
}
