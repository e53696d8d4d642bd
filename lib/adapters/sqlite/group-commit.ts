/**
 * Many small writes, one transaction and one sync to disk: what is asked for in one turn of the event loop commits together.
 *
 *   write(a) ─┐
 *   write(b) ─┼─► BEGIN · SAVEPOINT a · SAVEPOINT b · SAVEPOINT c · COMMIT ─► a, b, c resolve
 *   write(c) ─┘
 *
 * Everything between BEGIN and COMMIT happens in one synchronous run, so a read outside a write never sees what is not committed.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { TidemarkError } from '../../core/errors.ts';
import { asStoreFailure } from './failures.ts';

/** Bounds how long one transaction keeps the event loop. */
const MAX_BATCH = 1_000;

interface Waiting {
  /** Does the write, and returns what tells the caller after the commit. */
  readonly apply: () => () => void;
  readonly fail: (error: unknown) => void;
}

export class GroupCommit {
  readonly #connection: DatabaseSync;
  readonly #path: string;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #mark: StatementSync;
  readonly #keep: StatementSync;
  readonly #undo: StatementSync;
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(connection: DatabaseSync, path: string) {
    this.#connection = connection;
    this.#path = path;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#mark = connection.prepare('SAVEPOINT one_write');
    this.#keep = connection.prepare('RELEASE one_write');
    this.#undo = connection.prepare('ROLLBACK TO one_write');
  }

  /**
   * Queues a synchronous write. What it throws undoes it alone and rejects here; its neighbours commit.
   * @returns the write's own result, once it is durable
   * @throws TidemarkError UNAVAILABLE when the database could not commit: nothing of the group was written
   */
  write<T>(operation: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new TidemarkError('UNAVAILABLE', `the database ${this.#path} is closed`, { path: this.#path }));
    return new Promise<T>((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({
        apply: () => {
          const result = operation();
          return () => resolve(result);
        },
        fail: (error) => reject(asStoreFailure(error, this.#path)),
      });
    });
  }

  /** Commits what waits, then takes no more. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#flush();
  }

  #flush(): void {
    const group = this.#waiting.slice(0, MAX_BATCH);
    this.#waiting = this.#waiting.slice(MAX_BATCH);
    if (this.#waiting.length > 0) setImmediate(() => this.#flush());
    if (group.length === 0) return;
    try {
      this.#begin.run();
      const confirmations: (() => void)[] = [];
      for (const one of group) {
        const confirm = this.#applyOne(one);
        if (confirm) confirmations.push(confirm);
      }
      this.#commit.run();
      for (const confirm of confirmations) confirm();
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
