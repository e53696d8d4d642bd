/** Found out by a trial: whether a store lists in the order of UTF-8, as S3 does. */
import { compareUtf8 } from '../../core/objects/byte-order.ts';
import type { ListedObject } from '../../ports/objects.ts';
import type { Place, S3Calls } from './calls.ts';
import { put } from './probe-object.ts';

/** A store that walks directories puts what is below `name` before what only begins with it; one that compares UTF-16 puts planes wrongly. */
export async function listsInOrder(bucket: string, folder: string, at: (name: string) => Place, calls: S3Calls): Promise<boolean> {
  const names = ['order', 'order-1/b', 'order-1/x/c', 'order-1.txt', 'order-1/\u{10000}', 'order-1/\uE000'];
  await Promise.all(names.map((name) => put(at(name), calls)));
  const prefix = `${folder}order`;
  const expected = names.map((name) => `${folder}${name}`).sort(compareUtf8);
  const { objects } = await calls.list(bucket, { prefix });
  const middle = expected[2];
  const { objects: after } = await calls.list(bucket, { prefix, ...(middle === undefined ? {} : { startAfter: middle }) });
  const same = (listed: readonly ListedObject[], keys: readonly string[]): boolean =>
    listed.length === keys.length && listed.every(({ key }, index) => key === keys[index]);
  return same(objects, expected) && same(after, expected.slice(3));
}
