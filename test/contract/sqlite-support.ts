import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type SqliteDatabase } from '../../lib/adapters/sqlite/database.ts';

export interface Scratch {
  /** Of a database that is not there yet, in a folder that is not there yet. */
  readonly path: string;
  open(): SqliteDatabase;
  /** Closes what was opened and removes the files. */
  dispose(): void;
}

/** A place for one database file. */
export function scratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-sqlite-'));
  const path = join(folder, 'data', 'tidemark.db');
  const opened: SqliteDatabase[] = [];
  return {
    path,
    open: () => {
      const database = openDatabase(path);
      opened.push(database);
      return database;
    },
    dispose: () => {
      for (const database of opened) database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
