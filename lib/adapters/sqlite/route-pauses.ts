import type { StatementSync } from 'node:sqlite';
import type { RoutePauses } from '../../ports/replication-state.ts';
import type { SqliteDatabase } from './database.ts';

/** One row per paused route. */
export class SqliteRoutePauses implements RoutePauses {
  readonly #database: SqliteDatabase;
  readonly #all: StatementSync;
  readonly #pause: StatementSync;
  readonly #resume: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#all = database.prepare('SELECT route, paused_at FROM route_pauses');
    this.#pause = database.prepare('INSERT INTO route_pauses (route, paused_at) VALUES (?, ?) ON CONFLICT (route) DO NOTHING');
    this.#resume = database.prepare('DELETE FROM route_pauses WHERE route = ?');
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

  resume(route: string): Promise<void> {
    return this.#database.write(() => {
      this.#resume.run(route);
    });
  }
}
