/** Running totals per route, kept in the transaction of the write that moves them. */
import type { StatementSync } from 'node:sqlite';
import type { StateStats } from '../../ports/replication-state.ts';
import { isZero, type TotalsDelta } from '../records/record-columns.ts';
import type { SqliteDatabase } from './database.ts';
import { WaitingList } from './waiting-list.ts';

export class RouteTotals {
  readonly #add: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#add = database.prepare(`
      INSERT INTO route_totals (route, pending, in_progress, done, superseded, error, open_bytes, objects, conflicts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (route) DO UPDATE SET
        pending = pending + excluded.pending, in_progress = in_progress + excluded.in_progress, done = done + excluded.done,
        superseded = superseded + excluded.superseded, error = error + excluded.error,
        open_bytes = open_bytes + excluded.open_bytes, objects = objects + excluded.objects, conflicts = conflicts + excluded.conflicts`);
  }

  /** Part of a write. A route's first record makes its row even where nothing counts yet: the row is what lists the routes. */
  add(route: string, { statuses, openBytes, objects, conflicts }: TotalsDelta): void {
    const { pending, in_progress: inProgress, done, superseded, error } = statuses;
    this.#add.run(route, pending, inProgress, done, superseded, error, openBytes, objects, conflicts);
  }

  addUnlessZero(route: string, delta: TotalsDelta): void {
    if (!isZero(delta)) this.add(route, delta);
  }
}

/** Reads the totals; its work grows with the number of routes alone. */
export function statsReader(database: SqliteDatabase): () => StateStats {
  const totals = database.prepare('SELECT * FROM route_totals');
  const open = new WaitingList(database, 'open');
  return () => {
    const rows = totals.all();
    const sum = (column: string): number => rows.reduce((total, row) => total + Number(row[column]), 0);
    const since = rows
      .map(({ route }) => open.oldest(String(route)) ?? Number.POSITIVE_INFINITY)
      .reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    return {
      counts: { pending: sum('pending'), in_progress: sum('in_progress'), done: sum('done'), superseded: sum('superseded'), error: sum('error') },
      openBytes: sum('open_bytes'),
      objects: Object.fromEntries(rows.map((row) => [String(row.route), Number(row.objects)])),
      conflicts: Object.fromEntries(rows.flatMap((row) => (Number(row.conflicts) > 0 ? [[String(row.route), Number(row.conflicts)]] : []))),
      ...(Number.isFinite(since) ? { oldestOpenAt: since } : {}),
    };
  };
}
