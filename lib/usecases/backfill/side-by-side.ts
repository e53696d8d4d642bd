import { compareUtf8 } from '../../core/objects/byte-order.ts';
import type { ListedObject } from '../../ports/objects.ts';

export interface Pair {
  readonly key: string;
  readonly source?: ListedObject;
  readonly destination?: ListedObject;
}

type Pages = AsyncIterable<readonly ListedObject[]>;

/**
 * Two listings in UTF-8 byte order as one, in pages of `most` keys; the last one may be shorter, and none is empty.
 * Both sides are asked for their next page at once. A page is read without a promise for each of its keys: that is what comparing costs.
 */
export async function* sideBySide(left: Pages, right: Pages, most: number): AsyncGenerator<readonly Pair[]> {
  const [ours, theirs] = [new Cursor(left), new Cursor(right)];
  try {
    let page: Pair[] = [];
    for (;;) {
      if (ours.isSpent || theirs.isSpent) await Promise.all([ours.fill(), theirs.fill()]);
      const [source, destination] = [ours.head, theirs.head];
      if (!source && !destination) break;
      const order = !source ? 1 : !destination ? -1 : compareUtf8(source.key, destination.key);
      if (source && order <= 0) {
        page.push(destination && order === 0 ? { key: source.key, source, destination } : { key: source.key, source });
        ours.step();
        if (order === 0) theirs.step();
      } else if (destination) {
        page.push({ key: destination.key, destination });
        theirs.step();
      }
      if (page.length < most) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  } finally {
    // What was opened for sorting is closed, however early the reader stops.
    await Promise.allSettled([ours.close(), theirs.close()]);
  }
}

class Cursor {
  readonly #pages: AsyncIterator<readonly ListedObject[]>;
  #page: readonly ListedObject[] = [];
  #at = 0;
  #ended = false;

  constructor(pages: Pages) {
    this.#pages = pages[Symbol.asyncIterator]();
  }

  /** Undefined at the end of the listing, once it was filled. */
  get head(): ListedObject | undefined {
    return this.#page[this.#at];
  }

  get isSpent(): boolean {
    return this.#at >= this.#page.length && !this.#ended;
  }

  step(): void {
    this.#at++;
  }

  async fill(): Promise<void> {
    while (this.isSpent) {
      const { done, value } = await this.#pages.next();
      this.#ended = done === true;
      this.#page = done ? [] : value;
      this.#at = 0;
    }
  }

  async close(): Promise<void> {
    await this.#pages.return?.();
  }
}
