/** Housekeeping that the embedded host does and other stores do by themselves. */
import type { StatementSync } from 'node:sqlite';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { ReplicationState } from '../../ports/replication-state.ts';
import type { SqliteDatabase } from './database.ts';
import { parseRecord } from './replication-state.ts';

const PAGE = 500;

export class SqliteUpkeep {
  readonly #database: SqliteDatabase;
  readonly #state: ReplicationState;
  readonly #leased: StatementSync;
  readonly #purge: StatementSync;
  readonly #purgeJobs: readonly StatementSync[];

  constructor(database: SqliteDatabase, state: ReplicationState) {
    this.#database = database;
    this.#state = state;
    this.#leased = database.prepare('SELECT body FROM records WHERE lease_until > ? ORDER BY lease_until LIMIT ?');
    this.#purge = database.prepare('DELETE FROM records WHERE id IN (SELECT id FROM records WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)');
    this.#purgeJobs = ['backfill_items', 'backfill_tally'].map((table) => database.prepare(`DELETE FROM ${table} WHERE expires_at <= ?`));
  }

  /**
   * Ends every lease, each by a compare-and-swap that fences its holder. For the start of the host alone: the
   * database is held by one process, so whoever holds a lease in it then is dead.
   * @param now ms since the epoch
   * @param endOf when a route's leases are said to have ended, ms since the epoch and not after `now`
   * @returns how many leases ended
   */
  async releaseLeases(now: number, endOf: (route: string) => number = () => now): Promise<number> {
    let released = 0;
    for (;;) {
      const page = this.#leased.all(now, PAGE).map(({ body }) => parseRecord(body));
      if (page.length === 0) return released;
      const written = await Promise.all(page.map((record) => this.#state.put(withLeaseEnded(record, endOf(record.route), now), record.version)));
      released += written.filter(Boolean).length;
    }
  }

  /**
   * Drops tombstones whose time is over, the longest expired first, unless something is open, failed or claimed on them.
   * @param now ms since the epoch
   * @returns how many were dropped; `limit` means there may be more
   */
  purgeExpired(now: number, limit: number): Promise<number> {
    return this.#database.write(() => Number(this.#purge.run(now, limit).changes));
  }

  /** Drops jobs whose time is over, with all that belongs to them. @param now ms since the epoch */
  purgeJobs(now: number): Promise<void> {
    return this.#database.write(() => {
      for (const statement of this.#purgeJobs) statement.run(now);
    });
  }
}

function withLeaseEnded(record: ReplicationRecord, end: number, now: number): ReplicationRecord {
  const lease = record.lease && { ...record.lease, until: end };
  return { ...record, version: record.version + 1, lease, updatedAt: now };
}
