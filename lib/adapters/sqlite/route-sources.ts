import type { StatementSync } from 'node:sqlite';
import type { SqliteDatabase } from './database.ts';

/** Which bucket or folder each route last replicated from: its records tell of that one alone. */
export class SqliteRouteSources {
  readonly #database: SqliteDatabase;
  readonly #read: StatementSync;
  readonly #write: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#read = database.prepare('SELECT identity FROM route_sources WHERE route = ?');
    this.#write = database.prepare(
      'INSERT INTO route_sources (route, identity) VALUES (?, ?) ON CONFLICT (route) DO UPDATE SET identity = excluded.identity',
    );
  }

  /** @returns null for a route that has none yet */
  async get(route: string): Promise<string | null> {
    const row = this.#read.get(route);
    return row === undefined ? null : String(row.identity);
  }

  set(route: string, identity: string): Promise<void> {
    return this.#database.write(() => {
      this.#write.run(route, identity);
    });
  }
}
