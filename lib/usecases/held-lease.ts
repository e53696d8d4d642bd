/**
 * A lease while its work runs: extended by a heartbeat, guarded by a time limit that ends before it does.
 * Whoever loses it learns so before the next write and at completion, and then writes nothing more (O6).
 */
import { LeaseLostError, TidemarkError } from '../core/errors.ts';
import type { ReplicationRecord, Upload } from '../core/objects/record.ts';
import { claim, extend, saveUpload } from '../core/objects/transitions.ts';
import type { ReplicationState } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';

export interface LeaseTerms {
  readonly owner: string;
  readonly leaseMs: number;
  /** No write is sent after it, ms since the epoch: the message behind this work comes back to someone else later. */
  readonly deadline: number;
}

/** A reason of our own: the default one is an exception with a stack, made for every object. */
const STOPPED = new LeaseLostError('', 'its work is done');

/**
 * A failure as any other: counted, the lease given back. Unlike a lost lease it leaves nobody else at work on the key.
 * @param outcomeUnknown a request may be under way that this ends; before a write is sent, nothing of it can land
 */
export function timeIsOver(key: string, outcomeUnknown = false): TidemarkError {
  return new TidemarkError('TIME_LIMIT', 'the look took longer than its time limit', { key, ...(outcomeUnknown ? { outcomeUnknown } : {}) });
}

export class HeldLease {
  readonly owner: string;
  readonly #state: ReplicationState;
  readonly #clock: Clock;
  readonly #terms: LeaseTerms;
  readonly #abort = new AbortController();
  readonly #stop = new AbortController();
  #record: ReplicationRecord;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(state: ReplicationState, clock: Clock, terms: LeaseTerms, record: ReplicationRecord) {
    this.#state = state;
    this.#clock = clock;
    this.#terms = terms;
    this.#record = record;
    this.owner = terms.owner;
  }

  /** Claims the key from the version that was read. @returns null when someone else wrote the record meanwhile */
  static async claim(state: ReplicationState, clock: Clock, record: ReplicationRecord, terms: LeaseTerms): Promise<HeldLease | null> {
    const now = clock.now();
    const claimed = claim(record, terms.owner, now + terms.leaseMs, now);
    if (!(await state.put(claimed, record.version))) return null;
    const held = new HeldLease(state, clock, terms, claimed);
    void held.#heartbeat();
    return held;
  }

  /** As last written or read under this lease. */
  get record(): ReplicationRecord {
    return this.#record;
  }

  /** Fires, with the error as its reason, when the lease is found lost or its time limit over. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Called before every write that others would see. @throws LeaseLostError */
  readonly guard = (): void => {
    if (this.#abort.signal.aborted) throw this.#abort.signal.reason;
    if (this.#clock.now() >= this.#limit()) throw this.#ended(timeIsOver(this.#record.key));
  };

  async saveUpload(upload: Upload | null): Promise<void> {
    await this.update((record, now) => saveUpload(record, upload, now));
  }

  /**
   * Writes a change of the record under this lease, on top of what others noted in it meanwhile (dirty, deliveries).
   * @throws LeaseLostError when another worker holds the key
   */
  async update(change: (record: ReplicationRecord, now: number) => ReplicationRecord): Promise<ReplicationRecord> {
    const run = this.#writing.then(async () => {
      for (;;) {
        if (this.#record.lease?.owner !== this.owner) throw this.#lost('another worker took it over');
        const changed = change(this.#record, this.#clock.now());
        if (await this.#state.put(changed, this.#record.version)) {
          this.#record = changed;
          return changed;
        }
        await this.#reread();
      }
    });
    this.#writing = run.catch(() => undefined);
    return run;
  }

  /** Ends the heartbeat; the lease itself ends by a completing write, or by running out. */
  stop(): void {
    this.#stop.abort(STOPPED);
  }

  async #heartbeat(): Promise<void> {
    const every = this.#terms.leaseMs / 3;
    for (;;) {
      await this.#clock.sleep(every, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      const now = this.#clock.now();
      if (now >= this.#limit()) {
        this.#ended(timeIsOver(this.#record.key, true));
        return;
      }
      if (now + this.#terms.leaseMs > this.#terms.deadline + this.#terms.leaseMs / 2) continue;
      try {
        await this.update((record, at) => {
          const extended = extend(record, this.owner, at + this.#terms.leaseMs, at);
          if (!extended) throw this.#lost('it ran out');
          return extended;
        });
      } catch (error) {
        // A table that does not answer costs the lease only when its time is over; the next beat tries again.
        if (error instanceof TidemarkError && error.code === 'LEASE_LOST') return;
      }
    }
  }

  /** A margin before the end of the lease, for a request that is under way when the time is over. */
  #limit(): number {
    const until = this.#record.lease?.owner === this.owner ? this.#record.lease.until : 0;
    return Math.min(this.#terms.deadline, until - this.#terms.leaseMs / 6);
  }

  async #reread(): Promise<void> {
    const stored = await this.#state.get(this.#record.route, this.#record.key);
    if (stored?.lease?.owner !== this.owner) throw this.#lost('another worker took it over');
    this.#record = stored;
  }

  #lost(why: string): LeaseLostError {
    return this.#ended(new LeaseLostError(this.#record.key, why));
  }

  /** What is under way ends with this as its reason. */
  #ended<E extends TidemarkError>(error: E): E {
    this.#abort.abort(error);
    return error;
  }
}
