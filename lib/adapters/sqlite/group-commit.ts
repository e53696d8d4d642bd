/**
 * Many small writes, one transaction and one sync to disk: what is asked for while the disk is synced commits together afterwards.
 *
 *   write(a) ─┐
 *   write(b) ─┼─► BEGIN · SAVEPOINT a · SAVEPOINT b · SAVEPOINT c · COMMIT ─► sync, elsewhere ─► a, b, c resolve
 *   write(c) ─┘                                                              (d, e and f wait)
 *
 * Everything between BEGIN and COMMIT happens in one synchronous run, so a read outside a write never sees what is not committed. It may see
 * what is not on the disk yet; whatever is written because of it reaches the disk later, or not at all.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { TidemarkError } from '../../core/errors.ts';
import { asStoreFailure, isBusy } from './failures.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

/** Bounds how long one transaction keeps the event loop. */
const MAX_BATCH = 1_000;

/** Who waits for another process asks again so soon, ms. */
const AGAIN_MS = 10;

interface Waiting {
  /** Does the write, and returns what tells the caller after the commit. */
  readonly apply: () => () => void;
  readonly fail: (error: unknown) => void;
}

type Log = Pick<WriteAheadLog, 'sync' | 'syncNow' | 'close'>;

/** A write that is committed: how its caller learns of it. */
interface Committed {
  readonly confirm: () => void;
  readonly fail: (error: unknown) => void;
}

export class GroupCommit {
  readonly #connection: DatabaseSync;
  readonly #path: string;
  readonly #log: Log | null;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #mark: StatementSync;
  readonly #keep: StatementSync;
  readonly #undo: StatementSync;
  readonly #waiting: Waiting[] = [];
  readonly #unsynced: Committed[] = [];
  #running = false;
  #closed = false;
  /** A sync has failed: the system takes what it could not write for written, so that no later sync of the log tells of it. */
  #isDoubtful = false;

  /** @param log null for a database in memory */
  constructor(connection: DatabaseSync, path: string, log: Log | null) {
    this.#connection = connection;
    this.#path = path;
    this.#log = log;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#mark = connection.prepare('SAVEPOINT one_write');
    this.#keep = connection.prepare('RELEASE one_write');
    this.#undo = connection.prepare('ROLLBACK TO one_write');
  }

  /**
   * Queues a synchronous write. What it throws undoes it alone and rejects here; its neighbours commit.
   * @returns the write's own result, once it is durable
   * @throws TidemarkError UNAVAILABLE when the database could not commit, and nothing of the group was written, or could not sync it
   */
  write<T>(operation: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new TidemarkError('UNAVAILABLE', `the database ${this.#path} is closed`, { path: this.#path }));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        apply: () => {
          const result = operation();
          return () => resolve(result);
        },
        fail: (error) => reject(asStoreFailure(error, this.#path)),
      });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#run());
    });
  }

  /** Commits what waits, then takes no more. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#flush();
    try {
      if (this.#isDoubtful) this.#checkpoint();
      else if (this.#unsynced.length > 0) this.#log?.syncNow();
      this.#confirm();
    } catch (error) {
      this.#refuse(error);
    }
    this.#log?.close();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#flushInTurn();
      // Whoever closed it saw to what waited.
      if (this.#closed) return;
      try {
        if (this.#isDoubtful) this.#checkpoint();
        else if (this.#log) await this.#log.sync();
        this.#confirm();
      } catch (error) {
        this.#isDoubtful = true;
        this.#refuse(error);
      }
      // Who learns of it now may write at once: that goes along.
      await new Promise((turn) => setImmediate(turn));
    }
    this.#running = false;
  }

  /** Writes all that is committed a second time, into the database itself, and syncs that: a gap in the log would end it there after a power cut. */
  #checkpoint(): void {
    const done = this.#connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    if (done?.busy !== 0) throw new Error('its log could not be emptied after a sync that failed');
    this.#isDoubtful = false;
  }

  #confirm(): void {
    for (const { confirm } of this.#unsynced.splice(0)) confirm();
  }

  /** They stand in the file, and may be gone after a power cut: what came of them is unknown. */
  #refuse(cause: unknown): void {
    const why = cause instanceof Error ? cause.message : String(cause);
    const fields = { path: this.#path, outcomeUnknown: true };
    const error = new TidemarkError('UNAVAILABLE', `the database ${this.#path} could not bring a write to the disk: ${why}`, fields, cause);
    for (const { fail } of this.#unsynced.splice(0)) fail(error);
  }

  /** Waits for another process that writes as long as the connection would, and keeps nothing else in this one from going on. */
  async #flushInTurn(): Promise<void> {
    // Prepared once, it would tell what it was then.
    const limitMs = Number(this.#connection.prepare('PRAGMA busy_timeout').get()?.timeout);
    const end = performance.now() + limitMs;
    while (!this.#flushNow(limitMs, performance.now() >= end)) await delay(AGAIN_MS);
  }

  #flushNow(limitMs: number, isLast: boolean): boolean {
    if (this.#closed) return true;
    this.#connection.exec('PRAGMA busy_timeout = 0');
    try {
      return this.#flush(isLast);
    } finally {
      this.#connection.exec(`PRAGMA busy_timeout = ${limitMs}`);
    }
  }

  /** @returns false where another process writes: the group waits on, unless this was its last try */
  #flush(isLast = true): boolean {
    const group = this.#waiting.splice(0, MAX_BATCH);
    if (group.length === 0) return true;
    try {
      this.#begin.run();
    } catch (error) {
      if (isBusy(error) && !isLast) {
        this.#waiting.unshift(...group);
        return false;
      }
      for (const one of group) one.fail(error);
      return true;
    }
    this.#commitAll(group);
    return true;
  }

  #commitAll(group: readonly Waiting[]): void {
    try {
      const committed: Committed[] = [];
      for (const one of group) {
        const confirm = this.#applyOne(one);
        if (confirm) committed.push({ confirm, fail: one.fail });
      }
      this.#commit.run();
      this.#unsynced.push(...committed);
    } catch (error) {
      // SQLite itself ends the transaction on a full disk or an I/O error.
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
      for (const one of group) one.fail(error);
    }
  }

  #applyOne(one: Waiting): (() => void) | null {
    this.#mark.run();
    try {
      const confirm = one.apply();
      this.#keep.run();
      return confirm;
    } catch (error) {
      if (!this.#connection.isTransaction) throw error;
      this.#undo.run();
      this.#keep.run();
      one.fail(error);
      return null;
    }
  }
}
