import { DatabaseSync } from 'node:sqlite';
import { compareUtf8 } from '../../core/objects/byte-order.ts';
import type { ListedObject, Sorter } from '../../ports/objects.ts';
import { keyOf } from './row-key.ts';

export interface SqliteSorterOptions {
  /** Entries that are sorted in memory; a listing with more goes through the file. @default 10,000 */
  readonly inMemory?: number;
}

const IN_MEMORY = 10_000;
/** Entries that are passed on at once. */
const PAGE = 1_000;

/** The file holds nothing that a crash must spare, so nothing is synced. */
const SETUP = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  PRAGMA cache_size = -2048;
  -- Keys as UTF-8 bytes: a BLOB compares with memcmp, which is the order that S3 promises.
  CREATE TABLE listed (key BLOB PRIMARY KEY, etag TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, class TEXT) STRICT, WITHOUT ROWID;
`;

/**
 * Takes a listing whole before it passes anything on: an order that turns out wrong at the last entry cannot be taken back.
 * A key that is listed twice is passed on as it was listed last.
 */
export class SqliteSorter implements Sorter {
  readonly #inMemory: number;

  constructor({ inMemory = IN_MEMORY }: SqliteSorterOptions = {}) {
    this.#inMemory = inMemory;
  }

  async *sort(pages: AsyncIterable<readonly ListedObject[]>): AsyncGenerator<readonly ListedObject[]> {
    using spill = new Spill();
    let held: ListedObject[] = [];
    for await (const page of pages) {
      held.push(...page);
      if (!spill.used && held.length <= this.#inMemory) continue;
      spill.add(held);
      held = [];
    }
    if (!spill.used) return yield lastOfEach(held);
    spill.add(held);
    yield* spill.inOrder();
  }
}

function lastOfEach(objects: readonly ListedObject[]): ListedObject[] {
  const byKey = new Map(objects.map((object) => [object.key, object]));
  return [...byKey.values()].sort((a, b) => compareUtf8(a.key, b.key));
}

/**
 * SQLite's name for a database in a temporary file: it has no name in any folder from the moment it is made (where the system
 * can do that), so that none is left behind however the process ends.
 */
const NAMELESS = '';

/** A table in a file of its own, made at the first use and gone at the end. */
class Spill implements Disposable {
  #open: DatabaseSync | null = null;

  get used(): boolean {
    return this.#open !== null;
  }

  add(objects: readonly ListedObject[]): void {
    const database = this.#database();
    const insert = database.prepare('INSERT OR REPLACE INTO listed (key, etag, size, modified, class) VALUES (?, ?, ?, ?, ?)');
    database.exec('BEGIN');
    for (const { key, etag, size, lastModified, storageClass = null } of objects)
      insert.run(Buffer.from(key, 'utf8'), etag, size, lastModified, storageClass);
    database.exec('COMMIT');
  }

  *inOrder(): Generator<readonly ListedObject[]> {
    const rows = this.#database().prepare('SELECT key, etag, size, modified, class FROM listed ORDER BY key');
    // Half of what a row costs is the object that would name its columns.
    rows.setReturnArrays(true);
    let page: ListedObject[] = [];
    for (const { 0: key, 1: etag, 2: size, 3: modified, 4: storageClass } of rows.iterate()) {
      const object = { key: keyOf(key), etag: String(etag), size: Number(size), lastModified: Number(modified) };
      page.push(storageClass === null ? object : { ...object, storageClass: String(storageClass) });
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    yield page;
  }

  [Symbol.dispose](): void {
    this.#open?.close();
  }

  #database(): DatabaseSync {
    if (!this.#open) {
      this.#open = new DatabaseSync(NAMELESS);
      this.#open.exec(SETUP);
    }
    return this.#open;
  }
}
