import type { StatementSync } from 'node:sqlite';
import type { RoutePauses } from '../../ports/replication-state.ts';
import type { Clock } from '../../ports/system.ts';
import { Recently } from '../system/recently.ts';
import type { SqliteDatabase } from './database.ts';

/** One row per paused route, and one per route whose resumption has not ended. */
export class SqliteRoutePauses implements RoutePauses {
  readonly #database: SqliteDatabase;
  readonly #recent: Recently<ReadonlyMap<string, number>>;
  readonly #all: StatementSync;
  readonly #pause: StatementSync;
  readonly #resume: StatementSync;
  readonly #isReleasing: StatementSync;
  readonly #release: StatementSync;
  readonly #released: StatementSync;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#recent = new Recently(clock, () => this.read());
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

  recent(): Promise<ReadonlyMap<string, number>> {
    return this.#recent.get();
  }

  pause(route: string, at: number): Promise<void> {
    return this.#change(() => {
      this.#pause.run(route, at);
    });
  }

  resume(route: string): Promise<boolean> {
    return this.#change(() => {
      const wasPaused = Number(this.#resume.run(route).changes) > 0;
      if (wasPaused) this.#release.run(route);
      return wasPaused || this.#isReleasing.get(route) !== undefined;
    });
  }

  #change<T>(operation: () => T): Promise<T> {
    return this.#database.write(operation).finally(() => this.#recent.forget());
  }

  released(route: string): Promise<void> {
    return this.#database.write(() => {
      this.#released.run(route);
    });
  }
}
