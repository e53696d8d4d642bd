/** What every look at a key has in common, whichever way its route leads: its lease, its deliveries, its outcome. */
import type { ObjectChange } from '../core/change.ts';
import { asTidemarkError, LeaseLostError, TidemarkError } from '../core/errors.ts';
import { type Delivery, deliveryId } from '../core/objects/delivery.ts';
import { lookMessage } from '../core/objects/message.ts';
import { newestSequencer } from '../core/objects/plan.ts';
import { type Applied, type Lease, leaseHeld, type ReplicationRecord } from '../core/objects/record.ts';
import {
  backoffLeft,
  type Completion,
  complete,
  fail,
  markDirty,
  type Outcome,
  observe,
  tellsNothingNew,
  type Written,
  waitsForPerson,
} from '../core/objects/transitions.ts';
import { backoff, decideRetry } from '../core/retry.ts';
import type { Link } from '../ports/objects.ts';
import { DecidedConflicts } from './audit/decided-conflicts.ts';
import { allowDelete } from './delete-breaker.ts';
import { HeldLease, timeIsOver } from './held-lease.ts';
import { holdBack } from './hold-back.ts';
import type { KeyJob, KeyOutcome, ReplayDeps } from './key-job.ts';
import { LookMeasure } from './look-measure.ts';
import { LookPace } from './look-pace.ts';
import { type ActPlan, type Performed, perform } from './perform.ts';

/** Looks in a row before a key that keeps changing goes back to the queue, behind its neighbours. */
export const MAX_ROUNDS = 6;
/** How long a write that was under way when its worker died may still land; the worker that takes over looks again after it. */
export const LATE_WRITE_MS = 120_000;
const MAX_DELAY_SEC = 900;

export class KeyLook {
  readonly deps: ReplayDeps;
  readonly job: KeyJob;
  lease: HeldLease | null = null;
  /** Carried out, and not yet recorded: should that fail, the failure says so. */
  written: Written | null = null;
  /** Changes that no write has put into the record yet. */
  unnoted: readonly ObjectChange[];
  /** How long after its end another's lease still keeps this look away: 0 where what may land late is mended, not waited for. */
  readonly #restMs: number;
  readonly measure = new LookMeasure();
  #done = 0;
  #superseded = 0;
  #deliveries: readonly Delivery[] = [];
  #acted = false;
  /** A write was sent, under a lease or not. */
  #sent = false;
  #covered: ReadonlySet<string> | null = null;
  readonly pace: LookPace;
  readonly conflicts = new DecidedConflicts();

  constructor(deps: ReplayDeps, job: KeyJob) {
    this.#restMs = job.route.bidirectional ? LATE_WRITE_MS : 0;
    this.deps = deps;
    this.pace = new LookPace(deps, job);
    this.job = job;
    this.unnoted = job.changes;
  }

  /** Ids of the deliveries that the look is about: what the job tells, until the record was read. */
  get covered(): ReadonlySet<string> {
    this.#covered ??= new Set(this.job.changes.map((change) => deliveryId(this.job.route.name, change)));
    return this.#covered;
  }

  set covered(ids: ReadonlySet<string>) {
    this.#covered = ids;
  }

  /** Called when the look is over, whatever became of it. */
  end(): void {
    this.lease?.stop();
    this.pace.end(this.#acted);
  }

  /** The record with what this job tells noted in it. */
  noted(stored: ReplicationRecord | null): ReplicationRecord {
    const { route, key } = this.job;
    this.conflicts.read(stored);
    return observe(stored, route.name, key, this.unnoted, this.deps.clock.now());
  }

  /**
   * What stands before each round: another's lease, a paused route, a backoff, the stores' pace. Work that a lease is held for ends as it
   * would have.
   * @param record with what this job tells noted in it; `stored` is without that
   * @returns null where the look may observe; its outcome where it ends here; `again` where the record is another one now
   */
  async enter(record: ReplicationRecord, stored: ReplicationRecord | null): Promise<KeyOutcome | 'again' | null> {
    if (this.lease) return null;
    const held = leaseHeld(record, this.deps.clock.now() - this.#restMs);
    if (held) return (await this.#defer(record, held, stored)) ?? 'again';
    return (await holdBack(this.deps, this.job, record, stored)) ?? this.#notNow(record) ?? this.pace.enter(record);
  }

  /** @returns the outcome of a look that has nothing to do now: its key waits for a person, or for its next attempt */
  #notNow(record: ReplicationRecord): KeyOutcome | null {
    const { key, changes, receives, alwaysLease } = this.job;
    // A look that nobody waits for leaves alone what failed for good: that waits for a person, and is looked at whole when requeued.
    const given = changes.length === 0 ? waitsForPerson(record) : null;
    // Received before, it may be the one that failed, and died before it was parked.
    if (given) {
      const { deliveries } = record;
      const error = new TidemarkError('REJECTED', given.lastError ?? '', { key });
      return receives > 1 ? { kind: 'failed', error, errors: 0, deliveries } : { ...this.settled(), deliveries };
    }
    const early = alwaysLease ? 0 : backoffLeft(record, this.deps.clock.now());
    if (early > 0) return { kind: 'retry', delayMs: early, error: new TidemarkError('KEY_BUSY', 'the key waits for its next attempt', { key }) };
    return null;
  }

  count(completion: Completion): void {
    this.#deliveries = completion.record.deliveries;
    this.#done += completion.done;
    this.#superseded += completion.superseded;
    this.measure.completed(completion, this.covered);
  }

  /** True when a PUT that the look covered still waits for its object. */
  leavesPending({ record }: Completion): boolean {
    return record.deliveries.some(({ id, status }) => status === 'pending' && this.covered.has(id));
  }

  settled(): Extract<KeyOutcome, { kind: 'settled' }> {
    return { kind: 'settled', done: this.#done, superseded: this.#superseded, acted: this.#acted, deliveries: this.#deliveries };
  }

  /** @param record whose key is absent on both sides */
  tombstone(record: ReplicationRecord): Applied {
    if (record.applied?.kind === 'tombstone' && !record.deliveries.some(({ op, status }) => op === 'DELETE' && status !== 'done'))
      return record.applied;
    const sequencer = newestSequencer(record.deliveries, 'DELETE');
    return { kind: 'tombstone', at: this.deps.clock.now(), ...(sequencer === undefined ? {} : { sequencer }) };
  }

  /** @returns false when someone else wrote the record meanwhile */
  async claim(record: ReplicationRecord): Promise<boolean> {
    const { state, clock, ids } = this.deps;
    const { leaseMs, deadline } = this.job;
    await this.lookAfterTheDead(record);
    this.lease = await HeldLease.claim(state, clock, record, { owner: ids.next(), leaseMs, deadline });
    if (!this.lease) return false;
    this.unnoted = [];
    this.conflicts.wrote(this.lease.record);
    return true;
  }

  /** Carries out what was planned. What it answers is at the destination now. */
  async act(decision: ActPlan, link: Link): Promise<Performed> {
    const { clock } = this.deps;
    const { route, key, deadline } = this.job;
    if (decision.act === 'remove') await allowDelete(this.deps, route.name);
    const inTime = (): void => {
      if (clock.now() >= deadline) throw timeIsOver(key);
    };
    const lease = this.lease;
    this.#sent = true;
    const performed = await perform(decision, link, key, lease?.guard ?? inTime, lease).catch((error: unknown) => {
      // Whatever an ended request says of itself, why it was ended is what happened.
      throw lease?.signal.aborted ? lease.signal.reason : error;
    });
    this.#acted = true;
    this.measure.wrote(decision.act, performed);
    if (!performed) await this.deps.deletes.add(route.name, clock.now(), 1);
    return performed;
  }

  /** @returns null when the record was written by someone else meanwhile: look again */
  async finish(record: ReplicationRecord, seen: Omit<Outcome, 'covered'>): Promise<Completion | null> {
    const outcome: Outcome = { ...seen, covered: this.covered };
    const lease = this.lease;
    if (!lease) {
      const completion = complete(record, outcome, this.deps.clock.now());
      if (tellsNothingNew(record, completion.record, outcome)) return completion;
      await this.lookAfterTheDead(record);
      if (!(await this.deps.state.put(completion.record, record.version))) return null;
      this.unnoted = [];
      this.conflicts.wrote(completion.record);
      return completion;
    }
    let completion: Completion | null = null;
    lease.stop();
    const written = await lease.update((current, now) => {
      completion = complete(current, outcome, now);
      return completion.record;
    });
    this.conflicts.wrote(written);
    this.lease = null;
    this.written = null;
    return completion;
  }

  /** @returns null when the record changed meanwhile: look again */
  async #defer(record: ReplicationRecord, lease: Lease, stored: ReplicationRecord | null): Promise<KeyOutcome | null> {
    const { state, clock, ids } = this.deps;
    const { changes, look, receives, retry } = this.job;
    const tellsNews = record.deliveries !== stored?.deliveries;
    if (!lease.dirty || tellsNews) {
      if (!(await state.put(markDirty(record, lease, clock.now()), record.version))) return null;
    }
    // The holder looks again when it completes. Should it never, one look waits for the end of its lease: left by whoever
    // sets dirty, renewed by redelivered messages, so that acknowledging this one loses nothing. A look waits by itself.
    const leaseLeft = lease.until + this.#restMs - clock.now() + 1000;
    if (changes.length === 0) {
      const delayMs = Math.max(leaseLeft, backoff(receives, retry.baseMs, retry.capPatientMs, ids.random()));
      return { kind: 'retry', delayMs, error: new TidemarkError('KEY_BUSY', 'another worker holds the key', { key: this.job.key }) };
    }
    if (!lease.dirty || look || receives > 1) await this.lookAgain(leaseLeft);
    return { kind: 'deferred' };
  }

  /** A lease that ran out: its holder may be dead with a write still under way, so look once more when that must have landed. */
  async lookAfterTheDead(record: ReplicationRecord): Promise<void> {
    if (record.lease && this.#restMs === 0) await this.lookAgain(LATE_WRITE_MS);
  }

  async lookAgain(inMs: number, changes: readonly ObjectChange[] = []): Promise<void> {
    const delaySec = Math.min(MAX_DELAY_SEC, Math.max(0, Math.ceil(inMs / 1000)));
    await this.deps.queue.send([{ body: lookMessage(this.job.route.name, this.job.key, changes), delaySec }]);
  }

  /** The key keeps changing: what no write could note because others wrote first goes along, or it would be lost from view. */
  async goOnLater(): Promise<KeyOutcome> {
    await this.lookAgain(0, this.unnoted);
    return { kind: 'deferred' };
  }

  /** Records a failure on every delivery the look covered, and gives the lease back. */
  async failed(error: TidemarkError): Promise<KeyOutcome> {
    const { state, clock, ids } = this.deps;
    const { route, key, retry } = this.job;
    this.lease?.stop();
    this.pace.failed(error);
    try {
      if (error instanceof LeaseLostError) {
        // Fenced: whoever holds the key now knows better. Nothing more is written; the key is looked at again.
        await this.lookAgain(0);
        return { kind: 'deferred' };
      }
      this.measure.failed(error);
      // A request without an answer may still land after others have written: look again when it must have.
      if ((this.lease || this.#sent) && error.outcomeUnknown) await this.lookAgain(LATE_WRITE_MS);
      for (let attempt = 0; attempt < MAX_ROUNDS; attempt++) {
        const now = clock.now();
        const record = this.noted(await state.get(route.name, key));
        // Where both sides are written by others nothing is written while something may still land: the lease ends, and rests.
        const { written } = this;
        const owner = this.lease ? { owner: this.lease.owner, rests: this.#restMs > 0 && error.outcomeUnknown, ...(written ? { written } : {}) } : {};
        const failure = fail(record, this.covered, error, { policy: retry, random: ids.random(), now, ...owner });
        if (failure.retryInMs === null && failure.errors === 0 && !this.lease) break;
        if (!(await state.put(failure.record, record.version))) continue;
        this.conflicts.wrote(failure.record);
        if (failure.retryInMs !== null) return { kind: 'retry', delayMs: failure.retryInMs, error };
        if (failure.errors > 0) return { kind: 'failed', error, errors: failure.errors, deliveries: failure.record.deliveries };
        break;
      }
    } catch (unrecorded) {
      return this.#retryUnrecorded(asTidemarkError(unrecorded));
    }
    return this.#retryUnrecorded(error);
  }

  /** Nothing waits in the record, or it could not be written: the message alone carries the failure, so it must come back. */
  #retryUnrecorded(error: TidemarkError): KeyOutcome {
    const { changes, receives, retry } = this.job;
    const random = this.deps.ids.random();
    if (changes.length > 0) return { kind: 'retry', delayMs: backoff(receives, retry.baseMs, retry.capPatientMs, random), error };
    // A look that nobody waits for ends as well: what it did not mend, a reconcile finds and records.
    const decision = decideRetry(error, receives, retry, random);
    return decision.retry ? { kind: 'retry', delayMs: decision.delayMs, error } : this.settled();
  }
}
