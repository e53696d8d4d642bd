import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { TidemarkError } from '../../core/errors.ts';
import { GroupCommit } from './group-commit.ts';
import { type Hold, holdDatabase } from './holder.ts';
import { migrate } from './schema.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

const IN_MEMORY = ':memory:';
const BUSY_TIMEOUT_MS = 5_000;

/**
 * A record that a caller believes durable is what forbids a stale overwrite after a power cut: GroupCommit tells nobody before its sync.
 * NORMAL, since FULL would sync at each commit as well, and the event loop would wait for the disk.
 * A small cache: the upper pages of a million records fit, the system's own cache has the rest, and who reads all records would only fill a larger one.
 */
const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -8192;
  PRAGMA temp_store = MEMORY;
`;

/** An open database: reads go through prepared statements, writes through `write`, which groups commits. */
export class SqliteDatabase {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #commits: GroupCommit;
  readonly #hold: Hold | null;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #identity: string | null;

  constructor(path: string, connection: DatabaseSync, hold: Hold | null) {
    this.path = path;
    this.#connection = connection;
    this.#commits = new GroupCommit(connection, path, path === IN_MEMORY ? null : new WriteAheadLog(path));
    this.#hold = hold;
    this.#identity = identityOf(path);
    this.#begin = connection.prepare('BEGIN');
    this.#end = connection.prepare('COMMIT');
  }

  prepare(sql: string): StatementSync {
    return this.#connection.prepare(sql);
  }

  /** Who opens the file next must find what is written here. @throws TidemarkError UNAVAILABLE where it was removed or replaced since */
  assertInPlace(): void {
    if (identityOf(this.path) === this.#identity) return;
    const what = `the database ${this.path} was removed or replaced while it was open: put it back, and start again whatever uses it`;
    throw new TidemarkError('UNAVAILABLE', what, { path: this.path });
  }

  /** Many reads as one, since SQLite takes locks of the system for each. `operation` is synchronous and writes nothing. */
  read<T>(operation: () => T): T {
    this.#begin.run();
    try {
      return operation();
    } finally {
      this.#end.run();
    }
  }

  /** See GroupCommit.write. `operation` is synchronous and touches nothing but this database. */
  write<T>(operation: () => T): Promise<T> {
    return this.#commits.write(operation);
  }

  /** Commits what waits and lets another process hold the file. Closing twice is harmless. */
  close(): void {
    if (!this.#connection.isOpen) return;
    this.#commits.close();
    this.#connection.close();
    this.#hold?.release();
  }
}

/**
 * Opens the one database file of an embedded Tidemark, making its folders and tables where they are missing.
 * @param url a path, `file:` or `sqlite:` URL, or `:memory:` for a database that ends with the process
 * @param options `shared`: other processes of this machine use it, too. For what is written by compare-and-swap alone; a queue is not
 * @throws TidemarkError INVALID_CONFIG when it cannot be opened, another process holds it, or a newer Tidemark made it
 */
export function openDatabase(url: string, { shared = false }: { readonly shared?: boolean } = {}): SqliteDatabase {
  const path = databasePath(url);
  if (path !== IN_MEMORY) makeFolder(path);
  const hold = path === IN_MEMORY || shared ? null : holdFile(path);
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    connection.exec(PRAGMAS);
    migrate(connection, path);
    return new SqliteDatabase(path, connection, hold);
  } catch (error) {
    connection?.close();
    hold?.release();
    throw cannotOpen(path, error);
  }
}

/** @returns an absolute path, or `:memory:` @throws TidemarkError INVALID_CONFIG for what is no path */
export function databasePath(url: string): string {
  if (url === IN_MEMORY || url === `sqlite:${IN_MEMORY}`) return IN_MEMORY;
  if (url.startsWith('file://')) return fileURLToPath(url);
  const path = url.replace(/^(file|sqlite):(\/\/)?/, '');
  if (path === '' || /^[a-z][a-z0-9+]+:\/\//i.test(path)) {
    throw new TidemarkError('INVALID_CONFIG', 'DATABASE_URL: expected the path of an SQLite file, like ./data/tidemark.db', {});
  }
  return resolve(path);
}

/** @returns null where there is no such file */
function identityOf(path: string): string | null {
  const found = path === IN_MEMORY ? undefined : statSync(path, { throwIfNoEntry: false });
  return found ? `${found.dev} ${found.ino}` : null;
}

function holdFile(path: string): Hold {
  try {
    return holdDatabase(path);
  } catch (error) {
    throw cannotOpen(path, error);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw cannotOpen(path, error);
  }
}

function cannotOpen(path: string, error: unknown): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new TidemarkError('INVALID_CONFIG', `DATABASE_URL: ${path} cannot be opened as a database: ${why}`, { path }, error);
}
