/** Finds, look by look, what changed since the last one: what is held is what changed lately, however many deliveries there are. */
import type { EventView } from './api-types.ts';
import type { ApiClient } from './client.ts';

const PAGE = 1_000;
/** A look goes back behind the last one: clocks differ, and a change is seen a moment after the time it bears. */
const OVERLAP_MS = 60_000;

export class Following {
  readonly #client: ApiClient;
  readonly #filter: { readonly status: string | undefined; readonly keyLike: string | undefined };
  readonly #now: () => number;
  #lastAt: number | null = null;
  #known = new Map<string, string>();

  constructor(
    client: ApiClient,
    filter: { readonly status: string | undefined; readonly keyLike: string | undefined },
    now: () => number = Date.now,
  ) {
    this.#client = client;
    this.#filter = filter;
    this.#now = now;
  }

  /** What changed since the former look; of the first look, since it was begun. @throws CliError in words */
  async *look(): AsyncGenerator<EventView> {
    // Changes bear the time of the other end: by a clock that is a minute ahead of it, none would ever be new.
    if (this.#lastAt === null) await this.#client.get('/routes');
    const at = this.#now() + this.#client.aheadMs;
    const since = Math.max(0, (this.#lastAt ?? at) - OVERLAP_MS);
    const seen = new Map<string, string>();
    for await (const event of this.#client.all<EventView>('/events', 'events', { ...this.#filter, since, limit: PAGE })) {
      const now = `${event.updatedAt} ${event.status}`;
      seen.set(event.id, now);
      const isNews = this.#lastAt === null ? event.updatedAt >= at : this.#known.get(event.id) !== now;
      if (isNews) yield event;
    }
    this.#known = seen;
    this.#lastAt = at;
  }
}
