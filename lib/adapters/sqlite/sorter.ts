import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { compareUtf8 } from '../../core/objects/byte-order.ts';
import type { ListedObject, Sorter } from '../../ports/objects.ts';
import { keyOf } from './row-key.ts';

export interface SqliteSorterOptions {
  /** Where the temporary file lies. @default the system's folder for such files */
  readonly folder?: string;
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
  readonly #folder: string;
  readonly #inMemory: number;

  constructor({ folder = tmpdir(), inMemory = IN_MEMORY }: SqliteSorterOptions = {}) {
    this.#folder = folder;
    this.#inMemory = inMemory;
  }

  async *sort(pages: AsyncIterable<readonly ListedObject[]>): AsyncGenerator<readonly ListedObject[]> {
    using spill = new Spill(this.#folder);
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

/** A table in a file of its own, made at the first use and removed at the end. */
class Spill implements Disposable {
  readonly #parent: string;
  #open: { readonly folder: string; readonly database: DatabaseSync } | null = null;

  constructor(parent: string) {
    this.#parent = parent;
  }

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
    if (!this.#open) return;
    this.#open.database.close();
    rmSync(this.#open.folder, { recursive: true, force: true });
  }

  #database(): DatabaseSync {
    if (!this.#open) {
      const folder = mkdtempSync(join(this.#parent, 'tidemark-listing-'));
      const database = new DatabaseSync(join(folder, 'listed.db'));
      database.exec(SETUP);
      this.#open = { folder, database };
    }
    return this.#open.database;
  }
}
