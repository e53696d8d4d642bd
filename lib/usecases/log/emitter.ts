/** What an application emits, gathered into batches and appended in its order. */
import { asTidemarkError, TidemarkError } from '../../core/errors.ts';
import { draftOf, type Told, type Written, written } from '../../core/log/draft.ts';
import type { Operation } from '../../core/log/event.ts';
import { MAX_CHUNK_BYTES } from '../../core/log/rules.ts';
import { backoff } from '../../core/retry.ts';
import type { Ids, SteadyClock } from '../../ports/system.ts';
import type { Appender } from './appender.ts';

/**
 * When `emit` resolves.
 * - `stored`: when the event is durable. It is sent as soon as nothing of its emitter is on its way, and what is emitted meanwhile together.
 * - `buffered`: when it is in memory, and there is room for more. A process that is killed loses up to `batchTimeout` of events.
 */
export type Durability = 'stored' | 'buffered';

export interface EmitterOptions {
  readonly stream: string;
  readonly durability: Durability;
  /** So many events are sent together at most, 1 to 500, and as soon as there are so many. */
  readonly batchSize: number;
  /** How long an event waits for others at most, ms. */
  readonly batchTimeout: number;
  /** Only changes of these are emitted. */
  readonly collections?: readonly string[];
  readonly operations?: readonly Operation[];
}

export interface EmitterDeps {
  readonly appender: Pick<Appender, 'append'>;
  readonly clock: SteadyClock;
  readonly ids: Ids;
}

/** What became of an event. */
export interface Emitted {
  readonly id: string;
  /** Its place in the stream; null: it is in memory alone, or the filter left it out. */
  readonly sequence: number | null;
}

interface Waiting {
  readonly event: Written;
  /** By the monotonic clock, ms. */
  readonly since: number;
  readonly resolve: (emitted: Emitted) => void;
  readonly reject: (error: TidemarkError) => void;
}

/** What may wait in memory before emit waits, too. */
export const MAX_WAITING_EVENTS = 10_000;
export const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** An abort without a reason makes an exception with a stack, each time. */
const SOONER = 'sooner';

/** So many batches are on their way at once: they share chunks, and the sync of the disk. */
const MAX_APPENDS = 16;

const PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/** A flush that waits until so many events, of all that were ever emitted, are settled. */
interface Flushing {
  readonly upTo: number;
  readonly resolve: () => void;
  readonly reject: (error: TidemarkError) => void;
}

export class Emitter {
  readonly #deps: EmitterDeps;
  readonly #options: EmitterOptions;
  /** Ids of its events are this and a number: one that is random as a whole would cost more than the rest of an emit. */
  readonly #prefix: string;
  #serial = 0;
  /** In their order, those that are being sent included. */
  #waiting: Waiting[] = [];
  #bytes = 0;
  #settled = 0;
  #flushing: Flushing[] = [];
  /** Emits that are told when there is room again. */
  #crowd: (() => void)[] = [];
  /** How many of those that wait are on their way: the first ones. */
  #sent = 0;
  #appends = 0;
  /** How many appends of what is kept in memory have failed; until all of it is sent again, nothing more is. */
  #failures = 0;
  #timer: AbortController | null = null;
  #isClosed = false;

  constructor(deps: EmitterDeps, options: EmitterOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#prefix = deps.ids.next();
  }

  /**
   * @param told `id` and `timestamp` are made where they are left out; an event whose id the stream knows is not stored again
   * @throws TidemarkError INVALID_INPUT for what is no event; UNAVAILABLE when it is closed; with durability `stored` as Appender.append:
   *   where `outcomeUnknown` it may be there, and emitting it again with its id does no harm
   */
  async emit(told: Omit<Told, 'id' | 'timestamp'> & Partial<Told>): Promise<Emitted> {
    const { stream, collections, operations, durability } = this.#options;
    if (this.#isClosed) throw new TidemarkError('UNAVAILABLE', 'the change log is closed: nothing can be emitted', { stream });
    const { clock } = this.#deps;
    const id = told.id ?? `${this.#prefix}-${++this.#serial}`;
    const event = written(draftOf({ ...told, id, timestamp: told.timestamp ?? clock.now() }));
    if (collections?.includes(told.collection) === false || operations?.includes(told.operation) === false) return { id: event.id, sequence: null };
    if (durability === 'stored') return new Promise((resolve, reject) => this.#add({ event, since: clock.monotonic(), resolve, reject }));
    this.#add({ event, since: clock.monotonic(), resolve: () => undefined, reject: () => undefined });
    if (this.#isCrowded) await new Promise<void>((resolve) => this.#crowd.push(resolve));
    return { id: event.id, sequence: null };
  }

  /**
   * Sends what waits, without waiting for more.
   * @throws TidemarkError when some of it could not be stored; with durability `buffered` it stays in memory, and is tried again
   */
  flush(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#flushing.push({ upTo: this.#settled + this.#waiting.length, resolve, reject });
      this.#send();
    });
  }

  /**
   * Takes no more, and stores what waits.
   * @throws TidemarkError when some of it could not be stored: `left` tells how many events are in memory alone; closing again tries again
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    try {
      await this.flush();
    } catch (error) {
      const { code, message, fields } = asTidemarkError(error);
      const left = this.#waiting.length;
      throw new TidemarkError(code, `${left} events are in memory alone: ${message}`, { ...fields, left }, error);
    }
  }

  get #isCrowded(): boolean {
    return this.#waiting.length >= MAX_WAITING_EVENTS || this.#bytes >= MAX_WAITING_BYTES;
  }

  get #isFull(): boolean {
    return this.#waiting.length - this.#sent >= this.#options.batchSize || this.#bytes >= MAX_CHUNK_BYTES;
  }

  #add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#bytes += waiting.event.bytes;
    // What is emitted in the same turn goes along.
    if (this.#waiting.length - this.#sent === 1) queueMicrotask(() => this.#send());
    else if (this.#isFull) this.#send();
  }

  #send(): void {
    while (this.#sent < this.#waiting.length && this.#appends < MAX_APPENDS && this.#failures === 0) {
      const ms = this.#dueIn();
      if (ms > 0) {
        void this.#sendIn(ms);
        return;
      }
      const batch = this.#nextBatch();
      this.#sent += batch.length;
      this.#appends++;
      void this.#append(batch);
    }
  }

  async #sendIn(ms: number): Promise<void> {
    if (this.#timer) return;
    const timer = new AbortController();
    this.#timer = timer;
    await this.#deps.clock.sleep(ms, timer.signal);
    this.#timer = null;
    this.#send();
  }

  /** Answers come in the order of the appends, and where one failed, those behind it failed as well. */
  async #append(batch: readonly Waiting[]): Promise<void> {
    try {
      const events = batch.map(({ event }) => event);
      const placed = await this.#deps.appender.append(this.#options.stream, events);
      for (const [index, { resolve }] of batch.entries()) resolve({ id: placed[index]?.id ?? '', sequence: placed[index]?.sequence ?? null });
      this.#settle(batch.length);
    } catch (error) {
      const cause = asTidemarkError(error);
      for (const { reject } of this.#flushing.splice(0)) reject(cause);
      for (const { reject } of batch) reject(cause);
      if (this.#options.durability === 'stored') this.#settle(batch.length);
      else this.#failures++;
    }
    this.#appends--;
    if (this.#failures === 0) this.#send();
    else if (this.#appends === 0) await this.#sendAgain();
  }

  /** All that is in memory, after a while; once it is closed, when that is asked for. */
  async #sendAgain(): Promise<void> {
    const failures = this.#failures;
    this.#sent = 0;
    if (!this.#isClosed) await this.#deps.clock.sleep(backoff(failures, PAUSE_MS, MAX_PAUSE_MS, this.#deps.ids.random()));
    this.#failures = 0;
    if (!this.#isClosed || this.#flushing.length > 0) this.#send();
  }

  /** How long until what waits and is not on its way is to be sent, ms; 0 or less: now. */
  #dueIn(): number {
    const { batchTimeout } = this.#options;
    const first = this.#waiting[this.#sent];
    if (!first || this.#flushing.length > 0 || this.#isFull) return 0;
    return first.since + batchTimeout - this.#deps.clock.monotonic();
  }

  #nextBatch(): readonly Waiting[] {
    let bytes = 0;
    const most = this.#waiting.slice(this.#sent, this.#sent + this.#options.batchSize);
    const tooMany = most.findIndex(({ event }, index) => {
      bytes += event.bytes;
      return index > 0 && bytes > MAX_CHUNK_BYTES;
    });
    return tooMany === -1 ? most : most.slice(0, tooMany);
  }

  /** So many of those that wait do so no longer. */
  #settle(count: number): void {
    for (const { event } of this.#waiting.splice(0, count)) this.#bytes -= event.bytes;
    this.#settled += count;
    this.#sent -= count;
    if (this.#waiting.length === 0) this.#timer?.abort(SOONER);
    const done = this.#flushing.filter(({ upTo }) => upTo <= this.#settled);
    this.#flushing = this.#flushing.filter(({ upTo }) => upTo > this.#settled);
    for (const { resolve } of done) resolve();
    if (!this.#isCrowded) for (const resolve of this.#crowd.splice(0)) resolve();
  }
}
