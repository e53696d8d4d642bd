import type { StatementSync } from 'node:sqlite';
import type { AuditStore, StoredEntry } from '../../ports/audit.ts';
import type { SqliteDatabase } from './database.ts';

/** One row an entry. */
export class SqliteAuditStore implements AuditStore {
  readonly #database: SqliteDatabase;
  readonly #tail: StatementSync;
  readonly #at: StatementSync;
  readonly #insert: StatementSync;
  readonly #page: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#tail = database.prepare('SELECT sequence, hash, entry FROM audit_entries ORDER BY sequence DESC LIMIT 1');
    this.#at = database.prepare('SELECT sequence, hash, entry FROM audit_entries WHERE sequence = ?');
    this.#insert = database.prepare('INSERT INTO audit_entries (sequence, hash, entry) VALUES (?, ?, ?)');
    this.#page = database.prepare('SELECT sequence, hash, entry FROM audit_entries WHERE sequence > ? ORDER BY sequence LIMIT ?');
  }

  async tail(): Promise<StoredEntry | null> {
    return entryOf(this.#tail.get());
  }

  put(entries: readonly StoredEntry[]): Promise<boolean> {
    return this.#database.write(() => {
      const taken = entries.map(({ sequence }) => entryOf(this.#at.get(sequence)));
      if (taken.some((there) => there !== null)) return entries.every(({ hash, text }, n) => taken[n]?.hash === hash && taken[n].text === text);
      for (const { sequence, hash, text } of entries) this.#insert.run(sequence, hash, text);
      return true;
    });
  }

  async page(after: number, limit: number): Promise<readonly StoredEntry[]> {
    return this.#page.all(after, limit).flatMap((row) => entryOf(row) ?? []);
  }
}

function entryOf(row: Readonly<Record<string, unknown>> | undefined): StoredEntry | null {
  return row === undefined ? null : { sequence: Number(row.sequence), hash: String(row.hash), text: String(row.entry) };
}
