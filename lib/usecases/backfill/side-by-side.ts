import { compareUtf8 } from '../../core/objects/byte-order.ts';
import type { ListedObject } from '../../ports/objects.ts';

export interface Pair {
  readonly key: string;
  readonly source?: ListedObject;
  readonly destination?: ListedObject;
}

/** Two listings in UTF-8 byte order as one; both are asked for their next key at once. */
export async function* sideBySide(left: AsyncIterable<ListedObject>, right: AsyncIterable<ListedObject>): AsyncGenerator<Pair> {
  const [source, destination] = [left[Symbol.asyncIterator](), right[Symbol.asyncIterator]()];
  try {
    let [a, b] = await Promise.all([source.next(), destination.next()]);
    while (!a.done || !b.done) {
      const order = a.done ? 1 : b.done ? -1 : compareUtf8(a.value.key, b.value.key);
      const ours = order <= 0 && !a.done ? a.value : undefined;
      const theirs = order >= 0 && !b.done ? b.value : undefined;
      yield { key: ours?.key ?? theirs?.key ?? '', ...(ours ? { source: ours } : {}), ...(theirs ? { destination: theirs } : {}) };
      if (order <= 0) a = await source.next();
      if (order >= 0) b = await destination.next();
    }
  } finally {
    // What was opened for sorting is closed, however early the reader stops.
    await Promise.allSettled([source.return?.(), destination.return?.()]);
  }
}
