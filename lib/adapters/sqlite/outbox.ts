import type { StatementSync } from 'node:sqlite';
import type { CompletionEvent } from '../../core/objects/completion-event.ts';
import type { Completions } from '../../ports/completions.ts';
import type { Clock } from '../../ports/system.ts';
import type { SqliteDatabase } from './database.ts';

export interface OutgoingEvent {
  readonly id: string;
  readonly body: string;
  readonly attempts: number;
}

export interface OutboxStats {
  readonly waiting: number;
  /** Given up after so many attempts, and kept for people to see. */
  readonly dead: number;
}

/** Those that were given up and are kept: the newest. */
const KEPT_DEAD = 10_000;

/** Beyond them the oldest are given up: a receiver that hangs for days must not fill the disk of what replicates. Some 700 MB. */
const MOST_WAITING = 1_000_000;

/** Events that wait to be sent. One that is told again while it waits is the one that waits. */
export class SqliteOutbox implements Completions {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #add: StatementSync;
  readonly #due: StatementSync;
  readonly #sent: StatementSync;
  readonly #later: StatementSync;
  readonly #giveUp: StatementSync;
  readonly #forget: StatementSync;
  readonly #shed: StatementSync;
  readonly #mostWaiting: number;
  readonly #count: StatementSync;
  /** Called when something was added. */
  onAdded: () => void = () => undefined;

  constructor(database: SqliteDatabase, clock: Clock, mostWaiting: number = MOST_WAITING) {
    this.#database = database;
    this.#mostWaiting = mostWaiting;
    this.#clock = clock;
    this.#add = database.prepare(`
      INSERT INTO outbox (id, body, attempts, due_at, dead) VALUES (?, ?, 0, ?, 0)
      ON CONFLICT (id) DO UPDATE SET body = excluded.body, attempts = 0, due_at = excluded.due_at, dead = 0 WHERE dead = 1`);
    this.#due = database.prepare('SELECT id, body, attempts FROM outbox WHERE dead = 0 AND due_at <= ? ORDER BY due_at, seq LIMIT ?');
    this.#sent = database.prepare('DELETE FROM outbox WHERE id = ?');
    this.#later = database.prepare('UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE id = ?');
    this.#giveUp = database.prepare('UPDATE outbox SET attempts = attempts + 1, dead = 1 WHERE id = ?');
    this.#forget = database.prepare(`
      DELETE FROM outbox WHERE dead = 1 AND seq <= (SELECT seq FROM outbox WHERE dead = 1 ORDER BY seq DESC LIMIT 1 OFFSET ${KEPT_DEAD})`);
    this.#shed = database.prepare('UPDATE outbox SET dead = 1 WHERE dead = 0 AND seq <= (SELECT max(seq) FROM outbox) - ?');
    this.#count = database.prepare('SELECT dead, count(*) AS events FROM outbox GROUP BY dead');
  }

  async tell(events: readonly CompletionEvent[]): Promise<void> {
    if (events.length === 0) return;
    const now = this.#clock.now();
    await this.#database.write(() => {
      for (const { id, type, at, detail } of events) {
        const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), source: 'tidemark', data: detail });
        this.#add.run(id, body, now);
      }
    });
    this.onAdded();
  }

  /** Those whose time has come, the longest due first. */
  due(limit: number): readonly OutgoingEvent[] {
    return this.#due
      .all(this.#clock.now(), limit)
      .map(({ id, body, attempts }) => ({ id: String(id), body: String(body), attempts: Number(attempts) }));
  }

  sent(id: string): Promise<void> {
    return this.#database.write(() => void this.#sent.run(id));
  }

  /** @param at when it is tried again, ms since the epoch; null: never */
  failed(id: string, at: number | null): Promise<void> {
    return this.#database.write(() => {
      if (at !== null) return void this.#later.run(at, id);
      this.#giveUp.run(id);
      this.#forget.run();
    });
  }

  /** Gives up the oldest of too many. @returns how many */
  shed(): Promise<number> {
    return this.#database.write(() => {
      const { changes } = this.#shed.run(this.#mostWaiting);
      if (Number(changes) > 0) this.#forget.run();
      return Number(changes);
    });
  }

  async stats(): Promise<OutboxStats> {
    const counts = new Map(this.#count.all().map(({ dead, events }) => [Number(dead), Number(events)]));
    return { waiting: counts.get(0) ?? 0, dead: counts.get(1) ?? 0 };
  }
}
