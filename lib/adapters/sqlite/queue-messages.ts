import { randomUUID } from 'node:crypto';
import type { StatementSync } from 'node:sqlite';
import type { SqliteDatabase } from './database.ts';
import { formatReceipt, type Receipt } from './receipt.ts';

export interface ReceivedMessage {
  readonly messageId: string;
  /** For acknowledge and delay; without effect once the message is received again. */
  readonly receipt: string;
  readonly body: string;
  /** This receive included. */
  readonly receiveCount: number;
  /** When it was first sent, ms since the epoch. */
  readonly sentAt: number;
}

export interface Take {
  readonly now: number;
  readonly max: number;
  readonly visibleAt: number;
  readonly maxReceiveCount: number;
}

/** The live messages of one queue. Every method that changes anything is part of a write and returns how many it changed. */
export class QueueMessages {
  readonly #queue: string;
  readonly #insert: StatementSync;
  readonly #visible: StatementSync;
  readonly #take: StatementSync;
  readonly #delete: StatementSync;
  readonly #delay: StatementSync;
  readonly #release: StatementSync;
  readonly #nextVisible: StatementSync;
  readonly #held: StatementSync;
  readonly #delayed: StatementSync;
  readonly #oldest: StatementSync;

  constructor(database: SqliteDatabase, queue: string) {
    this.#queue = queue;
    this.#insert = database.prepare(
      'INSERT INTO messages (queue, message_id, body, sent_at, visible_at, receives, held) VALUES (?, ?, ?, ?, ?, 0, 0)',
    );
    this.#visible = database.prepare(
      'SELECT seq, message_id, body, sent_at, receives FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at LIMIT ?',
    );
    this.#take = database.prepare('UPDATE messages SET receives = ?, visible_at = ?, held = 1 WHERE seq = ?');
    this.#delete = database.prepare('DELETE FROM messages WHERE seq = ? AND queue = ? AND receives = ?');
    this.#delay = database.prepare('UPDATE messages SET visible_at = ?, held = 0 WHERE seq = ? AND queue = ? AND receives = ?');
    this.#release = database.prepare('UPDATE messages SET visible_at = ?, held = 0 WHERE queue = ? AND visible_at > ? AND held = 1');
    this.#nextVisible = database.prepare('SELECT min(visible_at) AS at FROM messages WHERE queue = ?');
    this.#held = database.prepare('SELECT count(*) AS held FROM messages WHERE queue = ? AND visible_at > ? AND held = 1');
    this.#delayed = database.prepare('SELECT count(*) AS later FROM messages WHERE queue = ? AND visible_at > ? AND held = 0');
    this.#oldest = database.prepare(
      'SELECT sent_at AS at FROM messages WHERE queue = ? AND (held = 1 OR (receives = 0 AND visible_at <= ?)) ORDER BY sent_at LIMIT 1',
    );
  }

  insert(body: string, sentAt: number, visibleAt: number): void {
    this.#insert.run(this.#queue, randomUUID(), body, sentAt, visibleAt);
  }

  /** Takes up to `max` visible messages; one received `maxReceiveCount` times already goes to `bury` instead. */
  take({ now, max, visibleAt, maxReceiveCount }: Take, bury: (seq: number) => void): readonly ReceivedMessage[] {
    const taken: ReceivedMessage[] = [];
    for (;;) {
      const rows = this.#visible.all(this.#queue, now, max - taken.length);
      for (const row of rows) {
        const seq = Number(row.seq);
        if (Number(row.receives) >= maxReceiveCount) {
          bury(seq);
          continue;
        }
        const receives = Number(row.receives) + 1;
        this.#take.run(receives, visibleAt, seq);
        taken.push({
          messageId: String(row.message_id),
          receipt: formatReceipt({ seq, receives }),
          body: String(row.body),
          receiveCount: receives,
          sentAt: Number(row.sent_at),
        });
      }
      if (rows.length === 0 || taken.length === max) return taken;
    }
  }

  delete({ seq, receives }: Receipt): number {
    return Number(this.#delete.run(seq, this.#queue, receives).changes);
  }

  delay({ seq, receives }: Receipt, visibleAt: number): number {
    return Number(this.#delay.run(visibleAt, seq, this.#queue, receives).changes);
  }

  releaseHeld(now: number): number {
    return Number(this.#release.run(now, this.#queue, now).changes);
  }

  /** When the first of all messages is or becomes visible, ms since the epoch; null when there is none. */
  nextVisibleAt(): number | null {
    return asTime(this.#nextVisible.get(this.#queue)?.at);
  }

  held(now: number): number {
    return Number(this.#held.get(this.#queue, now)?.held ?? 0);
  }

  delayed(now: number): number {
    return Number(this.#delayed.get(this.#queue, now)?.later ?? 0);
  }

  /** Of those whose delay is over and that nobody gave back: what is retried stands in the records, with its own age. */
  oldestSentAt(now: number): number | null {
    return asTime(this.#oldest.get(this.#queue, now)?.at);
  }
}

function asTime(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
