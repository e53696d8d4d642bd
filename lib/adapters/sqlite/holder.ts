/**
 * One process a database. The proof of holding it is a lock of the operating system on a file beside it, so it ends
 * with the process however that ends: there is no stale lock to remove after a kill.
 */
import { DatabaseSync } from 'node:sqlite';
import { TidemarkError } from '../../core/errors.ts';
import { isBusy } from './failures.ts';

export interface Hold {
  release(): void;
}

/**
 * Holds the database at `path` for this process.
 * @throws TidemarkError INVALID_CONFIG when another connection, of any process, holds it
 */
export function holdDatabase(path: string): Hold {
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new TidemarkError(
      'INVALID_CONFIG',
      `DATABASE_URL: another running process holds ${path}; stop it, or give this one a database of its own`,
      { path },
      error,
    );
  }
  return { release: () => lock.close() };
}
