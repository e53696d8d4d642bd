import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import type { DeliveryPage, DeliveryQuery, Oldest, RecordRef, StateStats, WaitingKind, WorkIndex } from '../../ports/replication-state.ts';
import type { SqliteDatabase } from './database.ts';
import { DeliveryScan } from './delivery-scan.ts';
import { keyOf } from './row-key.ts';
import { statsReader } from './totals.ts';
import { WaitingList } from './waiting-list.ts';

/** The sparse side of the records table: every question here is answered from an index that holds only what needs attention. */
export class SqliteWorkIndex implements WorkIndex {
  readonly #due: StatementSync;
  readonly #lists: Readonly<Record<WaitingKind, WaitingList>>;
  readonly #scan: DeliveryScan;
  readonly #stats: () => StateStats;
  readonly #objects: StatementSync;

  constructor(database: SqliteDatabase) {
    // The plus keeps the route out of the choice of an index: by route, all of its records would be read.
    this.#due = database.prepare(`
      SELECT route, key FROM records
      WHERE due_at <= ? AND +route IN (SELECT value FROM json_each(?))
      ORDER BY due_at LIMIT ?`);
    this.#lists = {
      open: new WaitingList(database, 'open'),
      error: new WaitingList(database, 'error'),
      conflict: new WaitingList(database, 'conflict'),
    };
    this.#scan = new DeliveryScan(database);
    this.#stats = statsReader(database);
    this.#objects = database.prepare('SELECT objects FROM route_totals WHERE route = ?');
  }

  async due(routes: readonly string[], before: number, limit: number): Promise<readonly RecordRef[]> {
    return this.#due.all(before, JSON.stringify(routes), limit).map(refOf);
  }

  /** Oldest by the first delivery that waits (its createdAt) or conflict, which trying again does not change: a page stays where it was. */
  async waiting(kind: WaitingKind, limit: number, after?: RecordRef): Promise<readonly RecordRef[]> {
    return this.#lists[kind].page(limit, after);
  }

  async deliveries(query: DeliveryQuery): Promise<DeliveryPage> {
    return this.#scan.page(query);
  }

  async stats(): Promise<StateStats> {
    return this.#stats();
  }

  async oldest(route: string): Promise<Oldest> {
    const { open, error } = this.#lists;
    const [openSince, errorSince] = [open.oldest(route), error.oldest(route)];
    return { ...(openSince === undefined ? {} : { open: openSince }), ...(errorSince === undefined ? {} : { error: errorSince }) };
  }

  async objects(route: string): Promise<number> {
    return Number(this.#objects.get(route)?.objects ?? 0);
  }
}

function refOf(row: Record<string, SQLOutputValue>): RecordRef {
  return { route: String(row.route), key: keyOf(row.key) };
}
