import { asTidemarkError, TidemarkError } from '../../core/errors.ts';
import { type ControlRecord, opened } from '../../core/gateway/control.ts';
import { atMost, leaseLeft, type Moment, mayWrite, opensIn, type Reading } from '../../core/gateway/lease.ts';
import { otherRegion } from '../../core/gateway/rules.ts';
import type { GatewayDeps } from './deps.ts';
import { readOrBegin } from './establish.ts';
import { limited } from './limited.ts';
import { within } from './within.ts';

/** The right to write at one region, in one epoch. */
export interface Writer {
  readonly region: string;
  readonly epoch: number;
  /** Asked right before the request that makes a write visible. Synchronous; false: the write must end without a trace. */
  holds(): boolean;
}

export interface Reader {
  readonly active: string;
  readonly standby: string;
  /** 0: the control record was never read, and the configuration names the active region. */
  readonly epoch: number;
  /** False: another region may have become active since. */
  readonly fresh: boolean;
}

interface Asking {
  readonly at: Moment;
  readonly answer: Promise<ControlRecord>;
}

/** A reader waits so long for a newer reading before it goes on with the one it has, ms. */
const READER_WAITS_MS = 500;

const OPEN_TRIES = 3;

/** An abort without a reason makes an exception with a stack, each time. */
const IDLE = 'idle';

/**
 * What one process knows of who may write, and for how long: one for all its requests. Keeps the last reading of the control record, reads
 * it again before its lease ends, once for all who ask, and opens the writes of an epoch when that is due.
 */
export class Authority {
  /** What the use-cases of this process ask, with a limit to each request. */
  readonly deps: GatewayDeps;
  #reading: Reading | null = null;
  /** When the epoch that is known was first seen without writes. */
  #closedSince: Moment | null = null;
  #asking: Asking | null = null;
  #opening: Promise<void> | null = null;
  #failing = false;
  #writing = 0;
  #keeping: AbortController | null = null;

  constructor(deps: GatewayDeps) {
    this.deps = limited(deps);
  }

  /** The last reading, however old; null: there was none. */
  known(): Reading | null {
    return this.#reading;
  }

  now(): Moment {
    const { clock } = this.deps;
    return { wall: clock.now(), monotonic: clock.monotonic() };
  }

  /** The record as it is now. @throws TidemarkError when the control store does not answer */
  async read(): Promise<ControlRecord> {
    const now = this.now();
    // What was asked long ago, before this process was frozen, may never be answered.
    if (!this.#asking || atMost(this.#asking.at, now) > this.#limitMs()) this.#asking = this.#ask(now);
    return this.#asking.answer;
  }

  /** What another read or write of the record showed. @param at the moment before that was asked for */
  learn(record: ControlRecord, at: Moment): void {
    const known = this.#reading;
    // An answer that came late.
    if (known && record.version < known.record.version) return;
    if (known?.record.version === record.version && at.monotonic < known.at.monotonic) return;
    if (record.epoch !== known?.record.epoch) this.#closedSince = record.open ? null : this.now();
    this.#reading = { record, at };
    this.#failing = false;
  }

  /**
   * The right to write. It holds until its lease ends; `writing` renews it meanwhile.
   * @throws TidemarkError NO_WRITER with `retryAfterSec`: nobody may write at this moment, as far as this process knows
   */
  async writer(): Promise<Writer> {
    const known = this.#reading;
    if (known && mayWrite(known, this.now())) {
      if (leaseLeft(known, this.now()) < (2 / 3) * known.record.leaseMs) this.#readAhead();
      return this.#writerOf(known);
    }
    try {
      await this.read();
      await this.openIfDue();
    } catch (error) {
      throw this.#noWriter(`the control record cannot be read: ${asTidemarkError(error).message}`, 1_000, error);
    }
    const read = this.#reading;
    if (read && mayWrite(read, this.now())) return this.#writerOf(read);
    if (read && !read.record.open) throw this.#noWriter(`${read.record.active} was made active, and takes writes soon`, this.opensInMs() ?? 0);
    throw this.#noWriter('the control record is read too slowly to act on it', 1_000);
  }

  /** Runs work that writes, and keeps its right to write fresh for as long as it takes. @throws as `writer`, and as the work */
  async writing<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
    const writer = await this.writer();
    if (this.#writing++ === 0) this.#keeping = this.#keepFresh();
    try {
      return await work(writer);
    } finally {
      if (--this.#writing === 0) this.#keeping?.abort(IDLE);
    }
  }

  /** Where to read. Never throws: what was known last is good enough to read by. */
  async reader(): Promise<Reader> {
    const known = this.#reading;
    const isOld = !known || leaseLeft(known, this.now()) < (2 / 3) * known.record.leaseMs;
    if (isOld) {
      const asked = this.#readAhead();
      const isWorthWaiting = !this.#failing && (!known || leaseLeft(known, this.now()) === 0);
      if (isWorthWaiting) await within(this.deps.clock, READER_WAITS_MS, 'control record', () => asked).catch(() => undefined);
    }
    return this.#readerOf(this.#reading);
  }

  /** How long until the writes of the epoch that is known may be opened, ms; null: they are open, or nothing is known. */
  opensInMs(): number | null {
    if (!this.#reading || this.#reading.record.open || !this.#closedSince) return null;
    return opensIn(this.#reading.record, this.#closedSince, this.now());
  }

  /** Opens the writes of the epoch that is known where its time has come. @throws TidemarkError when the control store does not answer */
  async openIfDue(): Promise<void> {
    if (this.opensInMs() !== 0) return;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    await this.#opening;
  }

  async #open(): Promise<void> {
    // The record may have changed since it was read: what came of a switch is noted in it.
    for (let tries = 1; tries <= OPEN_TRIES && this.opensInMs() === 0; tries++) {
      const known = this.#reading;
      if (!known) return;
      const at = this.now();
      const next = opened(known.record);
      if (await this.deps.control.swap(next, known.record.version)) this.learn(next, at);
      else await this.read();
    }
  }

  #ask(at: Moment): Asking {
    const answer = within(this.deps.clock, this.#limitMs(), 'control record', () => readOrBegin(this.deps)).then((record) => {
      this.learn(record, at);
      return record;
    });
    const asking = { at, answer };
    const over = (): void => {
      if (this.#asking === asking) this.#asking = null;
    };
    answer.then(over, () => {
      this.#failing = true;
      over();
    });
    return asking;
  }

  #keepFresh(): AbortController {
    const keeping = new AbortController();
    const keep = async (): Promise<void> => {
      while (!keeping.signal.aborted) {
        await this.deps.clock.sleep(this.#limitMs() / 2, keeping.signal);
        if (!keeping.signal.aborted) await this.#readAhead();
      }
    };
    void keep();
    return keeping;
  }

  async #readAhead(): Promise<void> {
    // Whoever needs the answer asks again, and is told why there is none.
    await this.read().catch(() => undefined);
  }

  #writerOf({ record: { active, epoch } }: Reading): Writer {
    return {
      region: active,
      epoch,
      holds: () => {
        const known = this.#reading;
        return known?.record.epoch === epoch && mayWrite(known, this.now());
      },
    };
  }

  #readerOf(reading: Reading | null): Reader {
    const { regions, first } = this.deps.rules;
    const { active = first, epoch = 0 } = reading?.record ?? {};
    return { active, standby: otherRegion(regions, active), epoch, fresh: reading !== null && leaseLeft(reading, this.now()) > 0 };
  }

  /** A reading that took longer would be of little use. */
  #limitMs(): number {
    return (this.#reading?.record.leaseMs ?? this.deps.rules.leaseMs) / 2;
  }

  #noWriter(why: string, ms: number, cause?: unknown): TidemarkError {
    return new TidemarkError('NO_WRITER', `no region takes writes: ${why}`, { retryAfterSec: Math.max(1, Math.ceil(ms / 1000)) }, cause);
  }
}
