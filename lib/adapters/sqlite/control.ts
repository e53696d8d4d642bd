import type { StatementSync } from 'node:sqlite';
import type { ControlRecord } from '../../core/gateway/control.ts';
import type { ObserverState } from '../../core/gateway/observer.ts';
import type { Watermark } from '../../core/gateway/watermark.ts';
import type { ControlStore } from '../../ports/control.ts';
import type { SqliteDatabase } from './database.ts';

type Kind = 'record' | 'observer' | 'watermark';

/** One row each, as a document with a version. Several processes may share the file: each write is one statement under SQLite's own lock. */
export class SqliteControl implements ControlStore {
  readonly #database: SqliteDatabase;
  readonly #read: StatementSync;
  readonly #all: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #raise: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#read = database.prepare('SELECT body FROM control_items WHERE kind = ? AND name = ?');
    this.#all = database.prepare('SELECT body FROM control_items WHERE kind = ? ORDER BY name');
    this.#insert = database.prepare('INSERT INTO control_items (kind, name, version, body) VALUES (?, ?, ?, ?) ON CONFLICT (kind, name) DO NOTHING');
    this.#update = database.prepare('UPDATE control_items SET version = ?, body = ? WHERE kind = ? AND name = ? AND version = ?');
    this.#raise = database.prepare(`
      INSERT INTO control_items (kind, name, version, body) VALUES (?, ?, ?, ?)
      ON CONFLICT (kind, name) DO UPDATE SET version = excluded.version, body = excluded.body WHERE excluded.version > version`);
  }

  async read(): Promise<ControlRecord | null> {
    this.#database.assertInPlace();
    return parsed<ControlRecord>(this.#read.get('record', ''));
  }

  swap(next: ControlRecord, expected: number): Promise<boolean> {
    return this.#swap('record', '', next, expected);
  }

  async observer(name: string): Promise<ObserverState | null> {
    return parsed<ObserverState>(this.#read.get('observer', name));
  }

  async observers(): Promise<readonly ObserverState[]> {
    return this.#all.all('observer').flatMap((row) => parsed<ObserverState>(row) ?? []);
  }

  putObserver(next: ObserverState, expected: number): Promise<boolean> {
    return this.#swap('observer', next.observer, next, expected);
  }

  async watermarks(): Promise<readonly Watermark[]> {
    return this.#all.all('watermark').flatMap((row) => parsed<Watermark>(row) ?? []);
  }

  putWatermark(watermark: Watermark): Promise<void> {
    return this.#database.write(() => {
      this.#raise.run('watermark', watermark.route, watermark.at, JSON.stringify(watermark));
    });
  }

  async #swap(kind: Kind, name: string, item: { readonly version: number }, expected: number): Promise<boolean> {
    this.#database.assertInPlace();
    const body = JSON.stringify(item);
    return this.#database.write(() => {
      const { changes } =
        expected === 0 ? this.#insert.run(kind, name, item.version, body) : this.#update.run(item.version, body, kind, name, expected);
      return Number(changes) === 1;
    });
  }
}

/** What this adapter wrote itself. */
function parsed<T>(row: Record<string, unknown> | undefined): T | null {
  return row === undefined ? null : JSON.parse(String(row.body));
}
