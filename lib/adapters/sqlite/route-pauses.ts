import type { StatementSync } from 'node:sqlite';
import type { RoutePauses } from '../../ports/replication-state.ts';
import type { SqliteDatabase } from './database.ts';

/** One row per paused route, and one per route whose resumption has not ended. */
export class SqliteRoutePauses implements RoutePauses {
  readonly #database: SqliteDatabase;
  readonly #all: StatementSync;
  readonly #pause: StatementSync;
  readonly #resume: StatementSync;
  readonly #isReleasing: StatementSync;
  readonly #release: StatementSync;
  readonly #released: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#all = database.prepare('SELECT route, paused_at FROM route_pauses');
    this.#pause = database.prepare('INSERT INTO route_pauses (route, paused_at) VALUES (?, ?) ON CONFLICT (route) DO NOTHING');
    this.#resume = database.prepare('DELETE FROM route_pauses WHERE route = ?');
    this.#isReleasing = database.prepare('SELECT 1 FROM route_releases WHERE route = ?');
    this.#release = database.prepare('INSERT INTO route_releases (route) VALUES (?) ON CONFLICT (route) DO NOTHING');
    this.#released = database.prepare('DELETE FROM route_releases WHERE route = ?');
  }

  async read(): Promise<ReadonlyMap<string, number>> {
    return new Map(this.#all.all().map(({ route, paused_at }) => [String(route), Number(paused_at)]));
  }

  /** The table lies in this process: nothing is saved by being late. */
  recent(): Promise<ReadonlyMap<string, number>> {
    return this.read();
  }

  pause(route: string, at: number): Promise<void> {
    return this.#database.write(() => {
      this.#pause.run(route, at);
    });
  }

  resume(route: string): Promise<boolean> {
    return this.#database.write(() => {
      const wasPaused = Number(this.#resume.run(route).changes) > 0;
      if (wasPaused) this.#release.run(route);
      return wasPaused || this.#isReleasing.get(route) !== undefined;
    });
  }

  released(route: string): Promise<void> {
    return this.#database.write(() => {
      this.#released.run(route);
    });
  }
}
