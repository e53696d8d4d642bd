/** Listings of a range of keys in UTF-8 byte order, whatever order the store lists in. */
import { isBeyond, isInRange, type KeyRange } from '../../core/backfill/ranges.ts';
import { TidemarkError } from '../../core/errors.ts';
import { compareUtf8 } from '../../core/objects/byte-order.ts';
import type { Bucket, ListedObject, ListOptions, ListPage, Sorter } from '../../ports/objects.ts';

export type Listable = Pick<Bucket, 'list' | 'capabilities'>;

export async function listsInOrder(bucket: Listable): Promise<boolean> {
  return (await bucket.capabilities()).listsInOrder ?? false;
}

/**
 * The keys of a range below a prefix, in pages of the store's own size. A store that lists in order is asked for them alone;
 * of another one all is listed and sorted.
 * @throws TidemarkError REJECTED where a store that was found to list in order does not
 */
export async function* inOrder(bucket: Listable, prefix: string, range: KeyRange, sorter: Sorter): AsyncGenerator<readonly ListedObject[]> {
  if (await listsInOrder(bucket)) yield* ordered(bucket, prefix, range);
  else yield* sorter.sort(within(bucket, prefix, range));
}

async function* ordered(bucket: Listable, prefix: string, range: KeyRange): AsyncGenerator<readonly ListedObject[]> {
  const { after } = range;
  let former = after;
  const first = { prefix, ...(after === undefined ? {} : { startAfter: after }) };
  for await (const { objects } of pages(bucket, first, (page) => isBeyond(range, page.objects.at(-1)?.key ?? ''))) {
    for (const { key } of objects) {
      if (former !== undefined && compareUtf8(key, former) <= 0) throw outOfOrder(key);
      former = key;
    }
    if (!isBeyond(range, objects.at(-1)?.key ?? '')) yield objects;
    else return yield objects.filter(({ key }) => !isBeyond(range, key));
  }
}

async function* within(bucket: Listable, prefix: string, range: KeyRange): AsyncGenerator<readonly ListedObject[]> {
  for await (const { objects } of pages(bucket, { prefix }, () => false)) yield objects.filter(({ key }) => isInRange(range, key));
}

/** One page is asked for while the former one is worked on. @param isLast no more is wanted after this page */
async function* pages(bucket: Listable, first: ListOptions, isLast: (page: ListPage) => boolean): AsyncGenerator<ListPage> {
  let ahead: Promise<ListPage> | null = bucket.list(first);
  while (ahead) {
    const page: ListPage = await ahead;
    const { next } = page;
    ahead = next === undefined || isLast(page) ? null : bucket.list({ ...first, token: next });
    // Thrown when it is awaited; a reader that stops early never does.
    ahead?.catch(() => undefined);
    yield page;
  }
}

function outOfOrder(key: string): TidemarkError {
  const message = 'the store lists out of order, though it was found to list in order: ranges of its keys cannot be told apart';
  return new TidemarkError('REJECTED', message, { key });
}
