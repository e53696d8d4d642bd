import type { StatementSync } from 'node:sqlite';
import type { SignedMark } from '../../ports/audit.ts';
import type { SqliteDatabase } from './database.ts';

/** One row. */
export class SqliteSignedMark implements SignedMark {
  readonly #database: SqliteDatabase;
  readonly #read: StatementSync;
  readonly #raise: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#read = database.prepare('SELECT length FROM audit_signed');
    this.#raise = database.prepare(
      'INSERT INTO audit_signed (id, length) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET length = max(length, excluded.length)',
    );
  }

  async read(): Promise<number> {
    return Number(this.#read.get()?.length ?? 0);
  }

  raise(length: number): Promise<void> {
    return this.#database.write(() => {
      this.#raise.run(length);
    });
  }
}
