import type { StatementSync } from 'node:sqlite';
import { compareUtf8 } from '../../core/objects/byte-order.ts';
import type { RecordRef } from '../../ports/replication-state.ts';
import type { SqliteDatabase } from './database.ts';
import { routesOf } from './routes-of.ts';
import { keyOf } from './row-key.ts';

const COLUMNS = {
  open: { flag: 'is_open', since: 'open_since' },
  error: { flag: 'has_error', since: 'error_since' },
  conflict: { flag: 'has_conflict', since: 'conflict_since' },
} as const;
/** Before every key: none is empty. */
const FIRST = Buffer.alloc(0);

/** The records that hold an open delivery, an error, or a conflict, by when the first of them began to wait; its index begins with the route. */
export class WaitingList {
  readonly #routes: () => readonly string[];
  readonly #page: StatementSync;
  readonly #place: StatementSync;
  readonly #oldest: StatementSync;

  constructor(database: SqliteDatabase, kind: keyof typeof COLUMNS) {
    const { flag, since } = COLUMNS[kind];
    this.#routes = routesOf(database);
    this.#page = database.prepare(`
      SELECT key, ${since} AS since FROM records
      WHERE ${flag} = 1 AND route = ? AND (${since}, key) > (?, ?) ORDER BY ${since}, key LIMIT ?`);
    this.#place = database.prepare(`SELECT ${since} AS since FROM records WHERE route = ? AND key = ?`);
    this.#oldest = database.prepare(`SELECT min(${since}) AS since FROM records WHERE ${flag} = 1 AND route = ?`);
  }

  /** Of all routes, in the order of (since, route, key). */
  page(limit: number, after?: RecordRef): readonly RecordRef[] {
    const since = after && this.#place.get(after.route, Buffer.from(after.key, 'utf8'))?.since;
    // A record that is gone has no place to go on from: begin again, since seeing one twice harms less than missing one.
    const place = after && typeof since === 'number' ? { ...after, since } : undefined;
    const rows = this.#routes().flatMap((route) =>
      this.#page.all(route, ...startIn(route, place), limit).map((row) => ({ route, key: keyOf(row.key), since: Number(row.since) })),
    );
    rows.sort((a, b) => a.since - b.since || compareUtf8(a.route, b.route) || compareUtf8(a.key, b.key));
    return rows.slice(0, limit).map(({ route, key }) => ({ route, key }));
  }

  /** ms since the epoch. */
  oldest(route: string): number | undefined {
    const since = this.#oldest.get(route)?.since ?? null;
    return since === null ? undefined : Number(since);
  }
}

/** What the entries of a route that follow `place` are greater than: (since, key). */
function startIn(route: string, place: (RecordRef & { readonly since: number }) | undefined): readonly [number, Buffer] {
  if (!place) return [Number.MIN_SAFE_INTEGER, FIRST];
  const order = compareUtf8(route, place.route);
  if (order === 0) return [place.since, Buffer.from(place.key, 'utf8')];
  return order > 0 ? [place.since, FIRST] : [place.since + 1, FIRST];
}
