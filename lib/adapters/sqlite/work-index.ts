import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import type { DeliveryPage, DeliveryQuery, RecordRef, StateStats, WaitingKind, WorkIndex } from '../../ports/replication-state.ts';
import type { SqliteDatabase } from './database.ts';
import { DeliveryScan } from './delivery-scan.ts';
import { keyOf } from './row-key.ts';
import { statsReader } from './totals.ts';

interface WaitingList {
  readonly first: StatementSync;
  readonly after: StatementSync;
  readonly place: StatementSync;
}

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
      open: waitingList(database, 'is_open', 'open_since'),
      error: waitingList(database, 'has_error', 'error_since'),
      conflict: waitingList(database, 'has_conflict', 'conflict_since'),
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
    const { first, after: next, place } = this.#lists[kind];
    const key = after && Buffer.from(after.key, 'utf8');
    const since = after && key && place.get(after.route, key)?.since;
    // A record that is gone has no place to go on from: begin again, since seeing one twice harms less than missing one.
    if (!after || !key || since === undefined || since === null) return first.all(limit).map(refOf);
    return next.all(since, after.route, key, limit).map(refOf);
  }

  async deliveries(query: DeliveryQuery): Promise<DeliveryPage> {
    return this.#scan.page(query);
  }

  async stats(): Promise<StateStats> {
    return this.#stats();
  }

  async objects(route: string): Promise<number> {
    return Number(this.#objects.get(route)?.objects ?? 0);
  }
}

function waitingList(database: SqliteDatabase, flag: string, since: string): WaitingList {
  const order = `ORDER BY ${since}, route, key LIMIT ?`;
  return {
    first: database.prepare(`SELECT route, key FROM records WHERE ${flag} = 1 ${order}`),
    after: database.prepare(`SELECT route, key FROM records WHERE ${flag} = 1 AND (${since}, route, key) > (?, ?, ?) ${order}`),
    place: database.prepare(`SELECT ${since} AS since FROM records WHERE route = ? AND key = ?`),
  };
}

function refOf(row: Record<string, SQLOutputValue>): RecordRef {
  return { route: String(row.route), key: keyOf(row.key) };
}
