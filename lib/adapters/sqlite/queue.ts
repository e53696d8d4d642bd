import { TidemarkError } from '../../core/errors.ts';
import type { OutgoingMessage, Queue, QueueAdmin, QueueStats } from '../../ports/queue.ts';
import type { Clock } from '../../ports/system.ts';
import { Arrivals } from './arrivals.ts';
import type { SqliteDatabase } from './database.ts';
import { type DeadLetter, DeadLetters } from './dead-letters.ts';
import { QueueMessages, type ReceivedMessage } from './queue-messages.ts';
import { QueueTotals } from './queue-totals.ts';
import { parseReceipts } from './receipt.ts';

export interface SqliteQueueOptions {
  readonly clock: Clock;
  /** @default 'default' */
  readonly name?: string;
  /** Receives after which a message goes to the dead-letter queue. @default 120 */
  readonly maxReceiveCount?: number;
  /** The most that one receive may ask for. @default 10, as SQS */
  readonly maxBatch?: number;
}

export interface ReceiveOptions {
  readonly max: number;
  /** How long what is received stays invisible to others, 1 to 43,200 s. */
  readonly visibilitySec: number;
  /** How long to wait for a first message. @default 0 */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

const REDRIVE_PAGE = 100;
const MAX_DELAY_SEC = 900;
const MAX_VISIBILITY_SEC = 43_200;

/** A queue and its dead-letter queue in SQLite, with the visibility and redrive rules of SQS. */
export class SqliteQueue implements Queue, QueueAdmin {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #maxReceiveCount: number;
  readonly #maxBatch: number;
  readonly #messages: QueueMessages;
  readonly #dead: DeadLetters;
  readonly #totals: QueueTotals;
  readonly #arrivals: Arrivals;
  /** What became of messages, and could not be written: else they stayed out of sight until their visibility timeout. */
  readonly #owed: (() => void)[] = [];

  constructor(database: SqliteDatabase, { clock, name = 'default', maxReceiveCount = 120, maxBatch = 10 }: SqliteQueueOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#maxReceiveCount = maxReceiveCount;
    this.#maxBatch = maxBatch;
    this.#messages = new QueueMessages(database, name);
    this.#dead = new DeadLetters(database, name);
    this.#totals = new QueueTotals(database, name);
    this.#arrivals = new Arrivals(clock);
  }

  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const { delaySec = 0 } of messages) requireBetween('delaySec', delaySec, 0, MAX_DELAY_SEC);
    if (messages.length === 0) return;
    const now = this.#clock.now();
    await this.#database.write(() => {
      for (const { body, delaySec = 0 } of messages) this.#messages.insert(body, now, later(now, delaySec));
      this.#totals.add(messages.length, 0);
    });
    this.#arrivals.announce();
  }

  /**
   * Up to `max` messages, as soon as there is one; none when `waitMs` has passed or the signal fires.
   * @throws TidemarkError INVALID_INPUT for numbers out of range
   */
  async receive({ max, visibilitySec, waitMs = 0, signal }: ReceiveOptions): Promise<readonly ReceivedMessage[]> {
    requireBetween('max', max, 1, this.#maxBatch);
    requireBetween('visibilitySec', visibilitySec, 1, MAX_VISIBILITY_SEC);
    const until = this.#clock.now() + waitMs;
    await this.#settleOwed();
    for (;;) {
      if (signal?.aborted) return [];
      const arrival = this.#arrivals.expect(signal);
      try {
        const messages = await this.#takeVisible(max, visibilitySec);
        const now = this.#clock.now();
        if (messages.length > 0 || now >= until) return messages;
        const next = this.#messages.nextVisibleAt() ?? until;
        if (next > now) await arrival.wait(Math.min(next, until) - now);
      } finally {
        arrival.end();
      }
    }
  }

  /** Removes what was received under these receipts; stale ones have no effect. */
  async acknowledge(receipts: readonly string[]): Promise<void> {
    const parsed = parseReceipts(receipts);
    if (parsed.length === 0) return;
    await this.#settle(() => {
      const deleted = parsed.reduce((sum, receipt) => sum + this.#messages.delete(receipt), 0);
      this.#totals.add(-deleted, 0);
    });
  }

  async delay(receipt: string, seconds: number): Promise<void> {
    requireBetween('seconds', seconds, 0, MAX_VISIBILITY_SEC);
    const visibleAt = later(this.#clock.now(), seconds);
    await this.#settle(() => {
      for (const parsed of parseReceipts([receipt])) this.#messages.delay(parsed, visibleAt);
    });
    this.#arrivals.announce();
  }

  async park(body: string, reason: string): Promise<void> {
    const now = this.#clock.now();
    await this.#database.write(() => {
      this.#dead.park(body, reason, now);
      this.#totals.add(0, 1);
    });
  }

  async stats(): Promise<QueueStats> {
    const { messages, dead } = this.#totals.read();
    const now = this.#clock.now();
    const inFlight = this.#messages.held(now);
    const delayed = this.#messages.delayed(now);
    const oldestAt = Math.min(
      this.#messages.oldestSentAt(now) ?? Number.POSITIVE_INFINITY,
      this.#dead.oldestUnrecorded() ?? Number.POSITIVE_INFINITY,
    );
    return { waiting: messages - inFlight - delayed, delayed, inFlight, dead, ...(Number.isFinite(oldestAt) ? { oldestAt } : {}) };
  }

  /** What dies while it runs stays dead, so that it ends. */
  async redrive(): Promise<number> {
    const last = this.#dead.last();
    if (last === null) return 0;
    let moved = 0;
    for (;;) {
      const now = this.#clock.now();
      const revived = await this.#database.write(() => {
        const count = this.#dead.revive(last, REDRIVE_PAGE, now);
        this.#totals.add(count, -count);
        return count;
      });
      this.#arrivals.announce();
      moved += revived;
      if (revived < REDRIVE_PAGE) return moved;
    }
  }

  /** Dead letters that no record tells of yet: those that were received too often, not those that were parked. */
  async receiveDead({ max, visibilitySec }: { readonly max: number; readonly visibilitySec: number }): Promise<readonly DeadLetter[]> {
    requireBetween('visibilitySec', visibilitySec, 1, MAX_VISIBILITY_SEC);
    const now = this.#clock.now();
    if (!this.#dead.hasUnrecorded(now)) return [];
    return this.#database.write(() => this.#dead.take(now, max, later(now, visibilitySec)));
  }

  /** Removes letters that were received here; what they say was parked. */
  async acknowledgeDead(receipts: readonly string[]): Promise<void> {
    const parsed = parseReceipts(receipts);
    await this.#database.write(() => {
      const removed = parsed.reduce((sum, receipt) => sum + this.#dead.acknowledge(receipt), 0);
      this.#totals.add(0, -removed);
    });
  }

  /** Makes everything in flight visible now. For the start of the host alone: whoever received it then is dead. @returns how many messages */
  async releaseInFlight(): Promise<number> {
    const now = this.#clock.now();
    const released = await this.#database.write(() => {
      this.#dead.releaseHeld(now);
      return this.#messages.releaseHeld(now);
    });
    this.#arrivals.announce();
    return released;
  }

  /** Safe to do again, and later: a receipt that was overtaken has no effect. */
  async #settle(operation: () => void): Promise<void> {
    try {
      await this.#database.write(operation);
    } catch (error) {
      this.#owed.push(operation);
      throw error;
    }
  }

  async #settleOwed(): Promise<void> {
    const owed = this.#owed.splice(0);
    if (owed.length === 0) return;
    try {
      await this.#database.write(() => {
        for (const operation of owed) operation();
      });
    } catch (error) {
      this.#owed.push(...owed);
      throw error;
    }
  }

  async #takeVisible(max: number, visibilitySec: number): Promise<readonly ReceivedMessage[]> {
    const now = this.#clock.now();
    const next = this.#messages.nextVisibleAt();
    // An idle consumer costs no transaction.
    if (next === null || next > now) return [];
    const take = { now, max, visibleAt: later(now, visibilitySec), maxReceiveCount: this.#maxReceiveCount };
    return this.#database.write(() => {
      let buried = 0;
      const taken = this.#messages.take(take, (seq) => {
        this.#dead.bury(seq, now);
        buried++;
      });
      this.#totals.add(-buried, buried);
      return taken;
    });
  }
}

/** Whole milliseconds, since a backoff in seconds may be any fraction. */
function later(now: number, seconds: number): number {
  return now + Math.round(seconds * 1000);
}

function requireBetween(field: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return;
  throw new TidemarkError('INVALID_INPUT', `${field}: expected ${min} to ${max}, got ${value}`, { field, value, min, max });
}
