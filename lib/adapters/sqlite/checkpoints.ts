import type { StatementSync } from 'node:sqlite';
import type { Checkpoint } from '../../core/log/checkpoint.ts';
import type { CheckpointStore } from '../../ports/log-store.ts';
import type { SqliteDatabase } from './database.ts';

/** One row a subscriber of a stream. */
export class SqliteCheckpoints implements CheckpointStore {
  readonly #database: SqliteDatabase;
  readonly #get: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #list: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#get = database.prepare('SELECT body FROM log_checkpoints WHERE stream = ? AND subscriber = ?');
    this.#insert = database.prepare(
      'INSERT INTO log_checkpoints (stream, subscriber, version, body) VALUES (?, ?, ?, ?) ON CONFLICT (stream, subscriber) DO NOTHING',
    );
    this.#update = database.prepare('UPDATE log_checkpoints SET version = ?, body = ? WHERE stream = ? AND subscriber = ? AND version = ?');
    this.#list = database.prepare('SELECT body FROM log_checkpoints WHERE stream = ? AND subscriber > ? ORDER BY subscriber LIMIT ?');
  }

  async get(stream: string, subscriberId: string): Promise<Checkpoint | null> {
    const row = this.#get.get(stream, subscriberId);
    return row === undefined ? null : JSON.parse(String(row.body));
  }

  put(next: Checkpoint): Promise<boolean> {
    const { subscriberId, version, cursor } = next;
    const body = JSON.stringify(next);
    return this.#database.write(() => {
      const { changes } =
        version === 1
          ? this.#insert.run(cursor.stream, subscriberId, version, body)
          : this.#update.run(version, body, cursor.stream, subscriberId, version - 1);
      return Number(changes) === 1;
    });
  }

  async list(stream: string, after: string, limit: number): Promise<readonly Checkpoint[]> {
    return this.#list.all(stream, after, limit).map((row) => JSON.parse(String(row.body)));
  }
}
