import type { StatementSync } from 'node:sqlite';
import type { Hop } from '../../core/contexts/hop.ts';
import type { HopStore } from '../../ports/hops.ts';
import type { SqliteDatabase } from './database.ts';

/** One row a stream that has another above it. */
export class SqliteHops implements HopStore {
  readonly #database: SqliteDatabase;
  readonly #get: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #list: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#get = database.prepare('SELECT body FROM log_hops WHERE stream = ?');
    this.#insert = database.prepare('INSERT INTO log_hops (stream, version, body) VALUES (?, ?, ?) ON CONFLICT (stream) DO NOTHING');
    this.#update = database.prepare('UPDATE log_hops SET version = ?, body = ? WHERE stream = ? AND version = ?');
    this.#list = database.prepare('SELECT body FROM log_hops WHERE stream > ? ORDER BY stream LIMIT ?');
  }

  async get(from: string): Promise<Hop | null> {
    const row = this.#get.get(from);
    return row === undefined ? null : JSON.parse(String(row.body));
  }

  put(next: Hop): Promise<boolean> {
    const { from, version } = next;
    const body = JSON.stringify(next);
    return this.#database.write(() => {
      const { changes } = version === 1 ? this.#insert.run(from, version, body) : this.#update.run(version, body, from, version - 1);
      return Number(changes) === 1;
    });
  }

  async list(after: string, limit: number): Promise<readonly Hop[]> {
    return this.#list.all(after, limit).map((row) => JSON.parse(String(row.body)));
  }
}
