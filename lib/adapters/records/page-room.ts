import type { DeliveryView } from '../../ports/replication-state.ts';

/**
 * Lambda answers with 6 MB at most, in which a body is a text: what JSON escapes is escaped once more. What an event is shown with
 * beside its delivery (the regions, nulls) is the rest.
 */
const MAX_BYTES = 4_500_000;

/** How many deliveries fit into a page: by the query's limit, and by their size, since a key may be a thousand control characters. */
export class PageRoom {
  readonly #views: DeliveryView[] = [];
  readonly #limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get views(): readonly DeliveryView[] {
    return this.#views;
  }

  /** @returns true when the page is full with it */
  add(view: DeliveryView): boolean {
    this.#views.push(view);
    this.#bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(view)), 'utf8');
    return this.#views.length === this.#limit || this.#bytes >= MAX_BYTES;
  }
}
