import type { StatementSync } from 'node:sqlite';
import { TidemarkError } from '../../core/errors.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { ReplicationState } from '../../ports/replication-state.ts';
import { columnsOf, type RecordColumns, totalsDelta } from '../records/record-columns.ts';
import type { SqliteDatabase } from './database.ts';
import { RouteTotals } from './totals.ts';

const MAX_KEYS = 100;

/** The records in SQLite. What a write changes in the work index and the totals commits with it. */
export class SqliteReplicationState implements ReplicationState {
  readonly #database: SqliteDatabase;
  readonly #totals: RouteTotals;
  readonly #read: StatementSync;
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#totals = new RouteTotals(database);
    this.#read = database.prepare('SELECT body FROM records WHERE route = ? AND key = ?');
    this.#find = database.prepare('SELECT id, body FROM records WHERE route = ? AND key = ? AND version = ?');
    this.#insert = database.prepare(`
      INSERT INTO records (route, key, version, body, is_open, open_since, has_error, error_since, has_conflict, conflict_since,
        due_at, lease_until, expires_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (route, key) DO NOTHING`);
    // Each "since" outlives its flag: the place of a record in its list, to continue from when it has left the list.
    this.#update = database.prepare(`
      UPDATE records SET version = ?, body = ?, is_open = ?, open_since = coalesce(?, open_since),
        has_error = ?, error_since = coalesce(?, error_since),
        has_conflict = ?, conflict_since = coalesce(?, conflict_since), due_at = ?, lease_until = ?, expires_at = ?
      WHERE id = ?`);
  }

  async get(route: string, key: string): Promise<ReplicationRecord | null> {
    return this.#lookup(route, key);
  }

  async getMany(route: string, keys: readonly string[]): Promise<ReadonlyMap<string, ReplicationRecord>> {
    if (keys.length > MAX_KEYS) throw new TidemarkError('INVALID_INPUT', `keys: at most ${MAX_KEYS} at once`, { keys: keys.length });
    return this.#database.read(() => {
      const found = new Map<string, ReplicationRecord>();
      for (const key of keys) {
        const record = this.#lookup(route, key);
        if (record) found.set(key, record);
      }
      return found;
    });
  }

  put(record: ReplicationRecord, expected: number): Promise<boolean> {
    if (record.version !== expected + 1) {
      const fields = { route: record.route, key: record.key, version: record.version, expected };
      return Promise.reject(new TidemarkError('INTERNAL', 'a record is written with the version after the one it replaces', fields));
    }
    const key = Buffer.from(record.key, 'utf8');
    const columns = columnsOf(record);
    return this.#database.write(() => (expected === 0 ? this.#create(record, key, columns) : this.#replace(record, key, columns, expected)));
  }

  #create(record: ReplicationRecord, key: Buffer, columns: RecordColumns): boolean {
    const { changes } = this.#insert.run(record.route, key, record.version, ...valuesOf(columns));
    if (changes === 0) return false;
    this.#totals.add(record.route, totalsDelta(null, record));
    return true;
  }

  #replace(record: ReplicationRecord, key: Buffer, columns: RecordColumns, expected: number): boolean {
    const row = this.#find.get(record.route, key, expected);
    if (!row) return false;
    this.#update.run(record.version, ...valuesOf(columns), Number(row.id));
    this.#totals.addUnlessZero(record.route, totalsDelta(parseRecord(row.body), record));
    return true;
  }

  #lookup(route: string, key: string): ReplicationRecord | null {
    const row = this.#read.get(route, Buffer.from(key, 'utf8'));
    return row ? parseRecord(row.body) : null;
  }
}

export function parseRecord(body: unknown): ReplicationRecord {
  const record: ReplicationRecord = JSON.parse(String(body));
  return record;
}

/** In the order that both writing statements name the columns in. */
function valuesOf(columns: RecordColumns): readonly (string | number | null)[] {
  const { body, openSince, errorSince, conflictSince, dueAt, leaseUntil, expiresAt } = columns;
  const listed = (since: number | null): readonly (number | null)[] => [since === null ? 0 : 1, since];
  return [body, ...listed(openSince), ...listed(errorSince), ...listed(conflictSince), dueAt, leaseUntil, expiresAt];
}
