import type { StatementSync } from 'node:sqlite';
import type { RouteClaims } from '../../core/backfill/claims.ts';
import type { BackfillJob } from '../../core/backfill/job.ts';
import { type JobKind, modesOf } from '../../core/backfill/mode.ts';
import type { Settled } from '../../core/backfill/progress.ts';
import type { RangeProgress } from '../../core/backfill/range-progress.ts';
import type { BackfillJobs, BackfillTally } from '../../ports/backfills.ts';
import type { SqliteDatabase } from './database.ts';

/** Jobs, their ranges and the claims of each route, in one table of documents: a kind, what it belongs to, and a version each. */
export class SqliteBackfills implements BackfillJobs, BackfillTally {
  readonly #database: SqliteDatabase;
  readonly #read: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #newest: StatementSync;
  readonly #older: StatementSync;
  readonly #ranges: StatementSync;
  readonly #add: StatementSync;
  readonly #tally: StatementSync;
  readonly #expire: StatementSync;
  readonly #expireTally: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#read = database.prepare('SELECT body FROM backfill_items WHERE kind = ? AND name = ? AND place = ?');
    this.#insert = database.prepare(
      'INSERT INTO backfill_items (kind, name, place, version, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, name, place) DO NOTHING',
    );
    this.#update = database.prepare('UPDATE backfill_items SET version = ?, body = ? WHERE kind = ? AND name = ? AND place = ? AND version = ?');
    const ofMode = "SELECT body FROM backfill_items WHERE kind = 'job' AND body ->> '$.mode' IN (SELECT value FROM json_each(?))";
    this.#newest = database.prepare(`${ofMode} ORDER BY name DESC LIMIT ?`);
    this.#older = database.prepare(`${ofMode} AND name < ? ORDER BY name DESC LIMIT ?`);
    this.#ranges = database.prepare("SELECT body FROM backfill_items WHERE kind = 'range' AND name = ? ORDER BY place");
    this.#add = database.prepare(`
      INSERT INTO backfill_tally (job, done, failed) VALUES (?, ?, ?)
      ON CONFLICT (job) DO UPDATE SET done = done + excluded.done, failed = failed + excluded.failed`);
    this.#tally = database.prepare('SELECT done, failed FROM backfill_tally WHERE job = ?');
    this.#expire = database.prepare("UPDATE backfill_items SET expires_at = ? WHERE kind IN ('job', 'range') AND name = ?");
    this.#expireTally = database.prepare('UPDATE backfill_tally SET expires_at = ? WHERE job = ?');
  }

  async get(id: string): Promise<BackfillJob | null> {
    return parsed<BackfillJob>(this.#read.get('job', id, 0));
  }

  put(job: BackfillJob, expected: number): Promise<boolean> {
    return this.#swap('job', job.id, 0, job, expected);
  }

  async list(kinds: readonly JobKind[], limit: number, before?: string): Promise<readonly BackfillJob[]> {
    const modes = JSON.stringify(modesOf(kinds));
    const rows = before === undefined ? this.#newest.all(modes, limit) : this.#older.all(modes, before, limit);
    return rows.flatMap((row) => parsed<BackfillJob>(row) ?? []);
  }

  async ranges(job: string): Promise<readonly RangeProgress[]> {
    return this.#ranges.all(job).flatMap((row) => parsed<RangeProgress>(row) ?? []);
  }

  putRange(range: RangeProgress, expected: number): Promise<boolean> {
    return this.#swap('range', range.job, range.index, range, expected);
  }

  expire(job: string, at: number | null): Promise<void> {
    return this.#database.write(() => {
      this.#expire.run(at, job);
      this.#expireTally.run(at, job);
    });
  }

  async claims(route: string): Promise<RouteClaims> {
    return parsed<RouteClaims>(this.#read.get('claims', route, 0)) ?? { route, version: 0, claims: [] };
  }

  putClaims(claims: RouteClaims, expected: number): Promise<boolean> {
    return this.#swap('claims', claims.route, 0, claims, expected);
  }

  add(job: string, { done, failed }: Settled): Promise<void> {
    return this.#database.write(() => {
      this.#add.run(job, done, failed);
    });
  }

  async read(job: string): Promise<Settled> {
    const row = this.#tally.get(job);
    return { done: Number(row?.done ?? 0), failed: Number(row?.failed ?? 0) };
  }

  #swap(kind: string, name: string, place: number, item: { readonly version: number }, expected: number): Promise<boolean> {
    const body = JSON.stringify(item);
    return this.#database.write(() => {
      const { changes } =
        expected === 0 ? this.#insert.run(kind, name, place, item.version, body) : this.#update.run(item.version, body, kind, name, place, expected);
      return Number(changes) === 1;
    });
  }
}

/** What this adapter wrote itself. */
function parsed<T>(row: Record<string, unknown> | undefined): T | null {
  return row === undefined ? null : JSON.parse(String(row.body));
}
