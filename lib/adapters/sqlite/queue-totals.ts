import type { StatementSync } from 'node:sqlite';
import type { SqliteDatabase } from './database.ts';

/** How many messages a queue and its dead-letter queue hold, kept with each write: counting millions would stall the host. */
export class QueueTotals {
  readonly #queue: string;
  readonly #add: StatementSync;
  readonly #read: StatementSync;

  constructor(database: SqliteDatabase, queue: string) {
    this.#queue = queue;
    this.#add = database.prepare(`
      INSERT INTO queue_totals (queue, messages, dead) VALUES (?, ?, ?)
      ON CONFLICT (queue) DO UPDATE SET messages = messages + excluded.messages, dead = dead + excluded.dead`);
    this.#read = database.prepare('SELECT messages, dead FROM queue_totals WHERE queue = ?');
  }

  /** Part of a write. */
  add(messages: number, dead: number): void {
    if (messages !== 0 || dead !== 0) this.#add.run(this.#queue, messages, dead);
  }

  read(): { readonly messages: number; readonly dead: number } {
    const row = this.#read.get(this.#queue);
    return { messages: Number(row?.messages ?? 0), dead: Number(row?.dead ?? 0) };
  }
}
