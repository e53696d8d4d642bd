import { randomUUID } from 'node:crypto';
import type { StatementSync } from 'node:sqlite';
import type { SqliteDatabase } from './database.ts';
import { formatReceipt, type Receipt } from './receipt.ts';

export interface DeadLetter {
  readonly messageId: string;
  /** To acknowledge it by; without effect once the letter is received again. */
  readonly receipt: string;
  readonly body: string;
  readonly reason: string;
  /** The queue it came from. */
  readonly source: string;
  /** When it was first sent, ms since the epoch. */
  readonly sentAt: number;
  /** How often it was received before it died. */
  readonly receiveCount: number;
}

/** The dead-letter queue of one queue. Every method that changes anything is part of a write. */
export class DeadLetters {
  readonly #queue: string;
  readonly #bury: StatementSync;
  readonly #remove: StatementSync;
  readonly #park: StatementSync;
  readonly #unrecorded: StatementSync;
  readonly #oldest: StatementSync;
  readonly #take: StatementSync;
  readonly #settle: StatementSync;
  readonly #release: StatementSync;
  readonly #last: StatementSync;
  readonly #revive: StatementSync;
  readonly #forget: StatementSync;

  constructor(database: SqliteDatabase, queue: string) {
    const columns = 'queue, message_id, body, cause, reason, sent_at, died_at, receives, recorded, visible_at, dead_receives';
    const oldest = 'SELECT seq FROM dead_letters WHERE queue = ? AND seq <= ? ORDER BY seq LIMIT ?';
    this.#queue = queue;
    this.#bury = database.prepare(`
      INSERT INTO dead_letters (${columns})
      SELECT queue, message_id, body, 'receives', 'received ' || receives || ' times without being acknowledged', sent_at, ?, receives, 0, ?, 0
      FROM messages WHERE seq = ?`);
    this.#remove = database.prepare('DELETE FROM messages WHERE seq = ?');
    this.#park = database.prepare(`INSERT INTO dead_letters (${columns}) VALUES (?, ?, ?, 'parked', ?, ?, ?, 0, 1, ?, 0)`);
    this.#unrecorded = database.prepare(`
      SELECT seq, message_id, body, reason, sent_at, receives, dead_receives FROM dead_letters
      WHERE queue = ? AND recorded = 0 AND visible_at <= ? ORDER BY visible_at LIMIT ?`);
    this.#oldest = database.prepare('SELECT min(sent_at) AS at FROM dead_letters WHERE queue = ? AND recorded = 0');
    this.#take = database.prepare('UPDATE dead_letters SET dead_receives = ?, visible_at = ? WHERE seq = ?');
    this.#settle = database.prepare('DELETE FROM dead_letters WHERE seq = ? AND queue = ? AND recorded = 0 AND dead_receives = ?');
    this.#release = database.prepare('UPDATE dead_letters SET visible_at = ? WHERE queue = ? AND recorded = 0 AND visible_at > ?');
    this.#last = database.prepare('SELECT max(seq) AS seq FROM dead_letters WHERE queue = ?');
    this.#revive = database.prepare(`
      INSERT INTO messages (queue, message_id, body, sent_at, visible_at, receives, held)
      SELECT queue, message_id, body, sent_at, ?, 0, 0 FROM dead_letters WHERE seq IN (${oldest})`);
    this.#forget = database.prepare(`DELETE FROM dead_letters WHERE seq IN (${oldest})`);
  }

  /** Moves a live message here, whole. */
  bury(seq: number, now: number): void {
    this.#bury.run(now, now, seq);
    this.#remove.run(seq);
  }

  /** Counts as recorded: who parks a message has recorded why. */
  park(body: string, reason: string, now: number): void {
    this.#park.run(this.#queue, randomUUID(), body, reason, now, now, now);
  }

  hasUnrecorded(now: number): boolean {
    return this.#unrecorded.get(this.#queue, now, 1) !== undefined;
  }

  /** When the oldest letter that no record tells of was first sent, ms since the epoch; null when there is none. */
  oldestUnrecorded(): number | null {
    const at = this.#oldest.get(this.#queue)?.at ?? null;
    return at === null ? null : Number(at);
  }

  take(now: number, max: number, visibleAt: number): readonly DeadLetter[] {
    return this.#unrecorded.all(this.#queue, now, max).map((row) => {
      const seq = Number(row.seq);
      const receives = Number(row.dead_receives) + 1;
      this.#take.run(receives, visibleAt, seq);
      return {
        messageId: String(row.message_id),
        receipt: formatReceipt({ seq, receives }),
        body: String(row.body),
        reason: String(row.reason),
        source: this.#queue,
        sentAt: Number(row.sent_at),
        receiveCount: Number(row.receives),
      };
    });
  }

  /** Removes a letter that was recorded, and parked anew with it. @returns how many: 0 or 1 */
  acknowledge({ seq, receives }: Receipt): number {
    return Number(this.#settle.run(seq, this.#queue, receives).changes);
  }

  releaseHeld(now: number): void {
    this.#release.run(now, this.#queue, now);
  }

  /** The newest letter's number, for `revive` to stop at; null when there is none. */
  last(): number | null {
    const seq = this.#last.get(this.#queue)?.seq ?? null;
    return seq === null ? null : Number(seq);
  }

  /** Moves the oldest letters up to number `last` back, unreceived. @returns how many, at most `limit` */
  revive(last: number, limit: number, now: number): number {
    this.#revive.run(now, this.#queue, last, limit);
    return Number(this.#forget.run(this.#queue, last, limit).changes);
  }
}
