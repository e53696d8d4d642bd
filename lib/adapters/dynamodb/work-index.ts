import type { DeliveryPage, DeliveryQuery, Oldest, RecordRef, StateStats, WaitingKind, WorkIndex } from '../../ports/replication-state.ts';
import { DeliveryScan } from './delivery-scan.ts';
import { compareEntries, entries, type IndexEntry, shardEntries } from './index-entries.ts';
import { indexShards, recordKey } from './keys.ts';
import { take } from './merge.ts';
import { CONFLICTS, ERRORS, IN_PROGRESS, INDEXES, OPEN_BYTES, PENDING } from './schema.ts';
import { sharedRuns } from './shared-runs.ts';
import { numberOf, type Table } from './table.ts';
import type { RouteTotals } from './totals.ts';

/** Everything is answered from the sparse indexes, which follow the records within a second or so. */
export class DynamoWorkIndex implements WorkIndex {
  readonly #table: Table;
  readonly #totals: RouteTotals;
  readonly #scan: DeliveryScan;
  readonly #stats: () => Promise<StateStats>;

  constructor(table: Table, totals: RouteTotals) {
    this.#table = table;
    this.#totals = totals;
    this.#scan = new DeliveryScan(table, totals);
    this.#stats = sharedRuns(() => this.#count());
  }

  async due(routes: readonly string[], before: number, limit: number): Promise<readonly RecordRef[]> {
    return refs(await take(entries(this.#table, 'due', routes, { to: before, pageSize: limit }), limit));
  }

  /** Oldest by the first delivery that waits (its createdAt) or conflict, which trying again does not change: a page stays where it was. */
  async waiting(kind: WaitingKind, limit: number, after?: RecordRef): Promise<readonly RecordRef[]> {
    const routes = (await this.#totals.read()).keys();
    const place = after && (await this.#placeOf(kind, after));
    // A record that is gone has no place to go on from: begin again, since seeing one twice harms less than missing one.
    if (!place) return refs(await take(entries(this.#table, kind, routes, { pageSize: limit }), limit));
    const rest = entries(this.#table, kind, routes, { from: place.at, pageSize: limit });
    return refs(await take(later(rest, place), limit));
  }

  deliveries(query: DeliveryQuery): Promise<DeliveryPage> {
    return this.#scan.page(query);
  }

  /**
   * pending, in_progress, error, openBytes and oldestOpenAt are exact for what waits; what a worker is just doing with its message
   * behind it stands in no index and is not counted. done, superseded and objects are totals (see RouteTotals).
   */
  stats(): Promise<StateStats> {
    return this.#stats();
  }

  async oldest(route: string): Promise<Oldest> {
    const [open, error] = await Promise.all([this.#oldestOf('open', route), this.#oldestOf('error', route)]);
    return { ...(open === undefined ? {} : { open }), ...(error === undefined ? {} : { error }) };
  }

  /** Not what this process has yet to flush: eventually consistent all the same. */
  objects(route: string): Promise<number> {
    return this.#totals.objects(route);
  }

  async #oldestOf(kind: 'open' | 'error', route: string): Promise<number | undefined> {
    const firsts = await Promise.all(indexShards(route).map((shard) => take(shardEntries(this.#table, kind, shard, { pageSize: 1 }), 1)));
    const times = firsts.flat().map(({ at }) => at);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async #placeOf(kind: WaitingKind, { route, key }: RecordRef): Promise<Omit<IndexEntry, 'item'> | null> {
    const item = await this.#table.get(recordKey(route, key));
    const { at } = INDEXES[kind];
    return item?.[at] === undefined ? null : { route, key, at: numberOf(item, at) };
  }

  async #count(): Promise<StateStats> {
    await this.#totals.flush();
    const totals = await this.#totals.read();
    const shards = [...totals.keys()].flatMap(indexShards);
    const [open, errors, conflicts] = await Promise.all([
      Promise.all(shards.map((shard) => this.#sum('open', shard))),
      Promise.all(shards.map((shard) => this.#sum('error', shard))),
      Promise.all([...totals.keys()].map((route) => this.#conflictsOf(route))),
    ]);
    const total = (sums: readonly Sums[], name: string): number => sums.reduce((sum, shard) => sum + (shard.sums.get(name) ?? 0), 0);
    const ended = (name: 'done' | 'superseded'): number => [...totals.values()].reduce((sum, route) => sum + route[name], 0);
    const oldest = open.flatMap(({ first }) => (first === undefined ? [] : [first]));
    return {
      counts: {
        pending: total(open, PENDING),
        in_progress: total(open, IN_PROGRESS),
        done: ended('done'),
        superseded: ended('superseded'),
        error: total(errors, ERRORS),
      },
      openBytes: total(open, OPEN_BYTES),
      objects: Object.fromEntries([...totals].map(([route, { objects }]) => [route, objects])),
      conflicts: Object.fromEntries(conflicts.filter(([, count]) => count > 0)),
      ...(oldest.length === 0 ? {} : { oldestOpenAt: Math.min(...oldest) }),
    };
  }

  async #conflictsOf(route: string): Promise<readonly [string, number]> {
    const sums = await Promise.all(indexShards(route).map((shard) => this.#sum('conflict', shard)));
    return [route, sums.reduce((total, shard) => total + (shard.sums.get(CONFLICTS) ?? 0), 0)];
  }

  async #sum(name: WaitingKind, shard: string): Promise<Sums> {
    const sums = new Map<string, number>();
    let first: number | undefined;
    for await (const { at, item } of shardEntries(this.#table, name, shard, {})) {
      first ??= at;
      for (const counted of INDEXES[name].include) sums.set(counted, (sums.get(counted) ?? 0) + numberOf(item, counted));
    }
    return { first, sums };
  }
}

interface Sums {
  readonly first: number | undefined;
  readonly sums: ReadonlyMap<string, number>;
}

async function* later(sorted: AsyncIterable<IndexEntry>, place: Omit<IndexEntry, 'item'>): AsyncGenerator<IndexEntry> {
  for await (const entry of sorted) {
    if (compareEntries(entry, place) > 0) yield entry;
  }
}

function refs(found: readonly IndexEntry[]): readonly RecordRef[] {
  return found.map(({ route, key }) => ({ route, key }));
}
