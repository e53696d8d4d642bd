import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import type { DeleteLog, DeleteWindow } from '../../ports/replication-state.ts';
import type { SqliteDatabase } from './database.ts';

const MINUTE_MS = 60_000;
/** Far beyond the breaker's window of ten minutes. */
const KEPT_MINUTES = 24 * 60;

/** One row per route and minute with deletes, one per route whose deletes are paused, one per route where a person let any number run. */
export class SqliteDeleteLog implements DeleteLog {
  readonly #database: SqliteDatabase;
  readonly #add: StatementSync;
  readonly #forget: StatementSync;
  readonly #sum: StatementSync;
  readonly #paused: StatementSync;
  readonly #pause: StatementSync;
  readonly #unpause: StatementSync;
  readonly #accept: StatementSync;
  readonly #accepted: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#add = database.prepare(`
      INSERT INTO delete_minutes (route, minute, deletes) VALUES (?, ?, ?)
      ON CONFLICT (route, minute) DO UPDATE SET deletes = deletes + excluded.deletes`);
    this.#forget = database.prepare('DELETE FROM delete_minutes WHERE route = ? AND minute < ?');
    this.#sum = database.prepare('SELECT coalesce(sum(deletes), 0) AS deletes FROM delete_minutes WHERE route = ? AND minute >= ?');
    this.#paused = database.prepare('SELECT paused_at FROM delete_pauses WHERE route = ?');
    this.#pause = database.prepare('INSERT INTO delete_pauses (route, paused_at) VALUES (?, ?) ON CONFLICT (route) DO NOTHING');
    this.#unpause = database.prepare('DELETE FROM delete_pauses WHERE route = ?');
    this.#accept = database.prepare(`
      INSERT INTO delete_acceptances (route, until) VALUES (?, ?) ON CONFLICT (route) DO UPDATE SET until = excluded.until`);
    this.#accepted = database.prepare('SELECT until FROM delete_acceptances WHERE route = ?');
  }

  add(route: string, at: number, count: number): Promise<void> {
    const minute = Math.floor(at / MINUTE_MS);
    return this.#database.write(() => {
      this.#add.run(route, minute, count);
      this.#forget.run(route, minute - KEPT_MINUTES);
    });
  }

  /** The whole minute of `since` counts, so the breaker trips early rather than late. */
  async read(route: string, since: number): Promise<DeleteWindow> {
    const deletes = Number(this.#sum.get(route, Math.floor(since / MINUTE_MS))?.deletes ?? 0);
    return { deletes, pausedAt: momentOf(this.#paused.get(route)?.paused_at), acceptedUntil: momentOf(this.#accepted.get(route)?.until) };
  }

  pause(route: string, at: number): Promise<boolean> {
    return this.#database.write(() => Number(this.#pause.run(route, at).changes) > 0);
  }

  resume(route: string, acceptedUntil: number): Promise<void> {
    return this.#database.write(() => {
      this.#unpause.run(route);
      this.#accept.run(route, acceptedUntil);
    });
  }
}

function momentOf(value: SQLOutputValue | undefined): number | null {
  return value == null ? null : Number(value);
}
