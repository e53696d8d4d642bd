/** The path of one key: observe → plan → claim → act → prove → complete. */
import type { ObjectChange } from '../core/change.ts';
import { asTidemarkError, LeaseLostError, PreconditionFailedError, TidemarkError } from '../core/errors.ts';
import { deliveryId } from '../core/objects/delivery.ts';
import { lookMessage } from '../core/objects/message.ts';
import { appliedObject, isApplied, type LinkTraits, newestSequencer, noSuchKey, type Plan, plan } from '../core/objects/plan.ts';
import { type Applied, type Lease, leaseHeld, type ReplicationRecord } from '../core/objects/record.ts';
import type { Observation } from '../core/objects/sight.ts';
import {
  backoffLeft,
  type Completion,
  complete,
  coveredBy,
  fail,
  markDirty,
  type Outcome,
  observe,
  tellsNothingNew,
  waitsForPerson,
} from '../core/objects/transitions.ts';
import { backoff, decideRetry } from '../core/retry.ts';
import type { Link } from '../ports.ts';
import { allowDelete } from './delete-breaker.ts';
import { HeldLease, timeIsOver } from './held-lease.ts';
import type { KeyJob, KeyOutcome, ReplayDeps } from './key-job.ts';
import { type ActPlan, perform } from './perform.ts';

export type { KeyJob, KeyOutcome, ReplayDeps } from './key-job.ts';

/** Looks in a row before a key that keeps changing goes back to the queue, behind its neighbours. */
const MAX_ROUNDS = 6;
/** How long a write that was under way when its worker died may still land; the worker that takes over looks again after it. */
export const LATE_WRITE_MS = 120_000;
const MAX_DELAY_SEC = 900;

/** Makes one key equal on both sides, as the source is now. Never throws: what went wrong is an outcome, recorded where it can be. */
export async function replayKey(deps: ReplayDeps, job: KeyJob): Promise<KeyOutcome> {
  const look = new KeyLook(deps, job);
  try {
    return await look.run();
  } catch (error) {
    return await look.failed(asTidemarkError(error));
  } finally {
    look.stop();
  }
}

class KeyLook {
  readonly #deps: ReplayDeps;
  readonly #job: KeyJob;
  #lease: HeldLease | null = null;
  #covered: ReadonlySet<string>;
  /** Changes that no write has put into the record yet. */
  #unnoted: readonly ObjectChange[];
  #done = 0;
  #superseded = 0;
  #acted = false;

  constructor(deps: ReplayDeps, job: KeyJob) {
    this.#deps = deps;
    this.#job = job;
    this.#unnoted = job.changes;
    this.#covered = new Set(job.changes.map((change) => deliveryId(job.route.name, change)));
  }

  stop(): void {
    this.#lease?.stop();
  }

  async run(): Promise<KeyOutcome> {
    const { state, clock } = this.#deps;
    const { route, key, alwaysLease } = this.#job;
    const { link, traits } = await this.#deps.link(route);
    let confirm = false;
    let conflict: PreconditionFailedError | null = null;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const stored = this.#lease ? this.#lease.record : await state.get(route.name, key);
      const record = observe(stored, route.name, key, this.#unnoted, clock.now());
      const held = this.#lease ? null : leaseHeld(record, clock.now());
      if (held) {
        const deferred = await this.#defer(record, held, stored);
        if (deferred) return deferred;
        continue;
      }
      // A look that nobody waits for leaves alone what failed for good: that waits for a person, and is looked at whole when requeued.
      const given = this.#job.changes.length === 0 ? waitsForPerson(record) : null;
      // Received before, it may be the one that failed, and died before it was parked.
      if (given)
        return this.#job.receives > 1
          ? { kind: 'failed', error: new TidemarkError('REJECTED', given.lastError ?? '', { key }), errors: 0 }
          : this.#settled();
      const early = this.#lease || alwaysLease ? 0 : backoffLeft(record, clock.now());
      if (early > 0) return { kind: 'retry', delayMs: early, error: new TidemarkError('THROTTLED', 'the key waits for its next attempt', { key }) };
      this.#covered = coveredBy(record);
      const { decision, source } = await this.#decide(record, link, traits, confirm);
      let completion: Completion | null;
      if (decision.do === 'refuse') throw decision.error;
      if (decision.do === 'settle') {
        completion = await this.#finish(record, source, this.#settledAs(record, decision));
      } else {
        if (decision.way === 'leased' && !this.#lease && !(await this.#claim(record))) continue;
        try {
          completion = await this.#finish(record, source, await this.#act(record, decision, link));
        } catch (error) {
          // What was observed is no longer so: look again, at the destination too.
          if (!(error instanceof PreconditionFailedError)) throw error;
          conflict = error;
          confirm = true;
          continue;
        }
      }
      confirm = true;
      conflict = null;
      if (!completion) continue;
      this.#done += completion.done;
      this.#superseded += completion.superseded;
      if (completion.dirty) continue;
      if (!source.present && completion.record.deliveries.some(({ id, status }) => status === 'pending' && this.#covered.has(id)))
        throw noSuchKey(key);
      return this.#settled();
    }
    if (conflict) throw conflict;
    // What no write could note because others wrote first goes along, or it would be lost from view.
    await this.#lookAgain(0, this.#unnoted);
    return { kind: 'deferred' };
  }

  #settled(): KeyOutcome {
    return { kind: 'settled', done: this.#done, superseded: this.#superseded, acted: this.#acted };
  }

  async #decide(
    record: ReplicationRecord,
    link: Link,
    traits: LinkTraits,
    confirm: boolean,
  ): Promise<{ decision: Exclude<Plan, { do: 'confirm' }>; source: Observation }> {
    const { route, key, alwaysLease } = this.#job;
    const rules = { deletes: route.deletes, alwaysLease: alwaysLease || record.lease !== null };
    if (!confirm) {
      const source = await link.source.head(key);
      const decision = plan({ record, source, link: traits, rules });
      if (decision.do !== 'confirm') return { decision, source };
    }
    const { tags } = link;
    const destination = await link.destination.head(key, { tags });
    const source = await link.source.head(key, { tags });
    const decision = plan({ record, source, destination, link: traits, rules });
    if (decision.do === 'confirm') throw new TypeError('both sides were looked at: nothing is left to confirm');
    return { decision, source };
  }

  #settledAs(record: ReplicationRecord, { applied }: Extract<Plan, { do: 'settle' }>): Applied | null {
    if (applied === 'keep') return record.applied;
    if (applied === 'tombstone') return this.#tombstone(record);
    const known = record.applied?.kind === 'object' ? record.applied : undefined;
    const seen = appliedObject(
      applied.source,
      applied.destination,
      newestSequencer(record.deliveries, 'PUT') ?? known?.sequencer,
      this.#deps.clock.now(),
    );
    const unchanged =
      known && isApplied(applied.source, known) && known.versionId === seen.versionId && known.destination.etag === seen.destination.etag;
    return unchanged ? known : seen;
  }

  #tombstone(record: ReplicationRecord): Applied {
    if (record.applied?.kind === 'tombstone' && !record.deliveries.some(({ op, status }) => op === 'DELETE' && status !== 'done'))
      return record.applied;
    const sequencer = newestSequencer(record.deliveries, 'DELETE');
    return { kind: 'tombstone', at: this.#deps.clock.now(), ...(sequencer === undefined ? {} : { sequencer }) };
  }

  async #claim(record: ReplicationRecord): Promise<boolean> {
    const { state, clock, ids } = this.#deps;
    const { leaseMs, deadline } = this.#job;
    await this.#lookAfterTheDead(record);
    this.#lease = await HeldLease.claim(state, clock, record, { owner: ids.next(), leaseMs, deadline });
    if (this.#lease) this.#unnoted = [];
    return this.#lease !== null;
  }

  async #act(record: ReplicationRecord, decision: ActPlan, link: Link): Promise<Applied> {
    const { clock } = this.#deps;
    const { route, key, deadline } = this.#job;
    if (decision.act === 'remove') await allowDelete(this.#deps, route.name);
    const inTime = (): void => {
      if (clock.now() >= deadline) throw timeIsOver(key);
    };
    const lease = this.#lease;
    const performed = await perform(decision, link, key, lease?.guard ?? inTime, lease).catch((error: unknown) => {
      // Whatever an ended request says of itself, why it was ended is what happened.
      throw lease?.signal.aborted ? lease.signal.reason : error;
    });
    this.#acted = true;
    if (!performed) {
      await this.#deps.deletes.add(route.name, clock.now(), 1);
      return this.#tombstone(record);
    }
    return appliedObject(performed.source, performed.destination, newestSequencer(record.deliveries, 'PUT'), clock.now());
  }

  /** @returns null when the record was written by someone else meanwhile: look again */
  async #finish(record: ReplicationRecord, source: Observation, applied: Applied | null): Promise<Completion | null> {
    const outcome: Outcome = { applied, source, covered: this.#covered };
    const lease = this.#lease;
    if (!lease) {
      const completion = complete(record, outcome, this.#deps.clock.now());
      if (tellsNothingNew(record, completion.record, outcome)) return completion;
      await this.#lookAfterTheDead(record);
      if (!(await this.#deps.state.put(completion.record, record.version))) return null;
      this.#unnoted = [];
      return completion;
    }
    let completion: Completion | null = null;
    lease.stop();
    await lease.update((current, now) => {
      completion = complete(current, outcome, now);
      return completion.record;
    });
    this.#lease = null;
    return completion;
  }

  /** @returns null when the record changed meanwhile: look again */
  async #defer(record: ReplicationRecord, lease: Lease, stored: ReplicationRecord | null): Promise<KeyOutcome | null> {
    const { state, clock, ids } = this.#deps;
    const { changes, look, receives, retry } = this.#job;
    const tellsNews = record.deliveries !== stored?.deliveries;
    if (!lease.dirty || tellsNews) {
      if (!(await state.put(markDirty(record, lease, clock.now()), record.version))) return null;
    }
    // The holder looks again when it completes. Should it never, one look waits for the end of its lease: left by whoever
    // sets dirty, renewed by redelivered messages, so that acknowledging this one loses nothing. A look waits by itself.
    const leaseLeft = lease.until - clock.now() + 1000;
    if (changes.length === 0) {
      const delayMs = Math.max(leaseLeft, backoff(receives, retry.baseMs, retry.capPatientMs, ids.random()));
      return { kind: 'retry', delayMs, error: new TidemarkError('THROTTLED', 'another worker holds the key', { key: this.#job.key }) };
    }
    if (!lease.dirty || look || receives > 1) await this.#lookAgain(leaseLeft);
    return { kind: 'deferred' };
  }

  /** A lease that ran out: its holder may be dead with a write still under way, so look once more when that must have landed. */
  async #lookAfterTheDead(record: ReplicationRecord): Promise<void> {
    if (record.lease) await this.#lookAgain(LATE_WRITE_MS);
  }

  async #lookAgain(inMs: number, changes: readonly ObjectChange[] = []): Promise<void> {
    const delaySec = Math.min(MAX_DELAY_SEC, Math.max(0, Math.ceil(inMs / 1000)));
    await this.#deps.queue.send([{ body: lookMessage(this.#job.route.name, this.#job.key, changes), delaySec }]);
  }

  /** Records a failure on every delivery the look covered, and gives the lease back. */
  async failed(error: TidemarkError): Promise<KeyOutcome> {
    const { state, clock, ids } = this.#deps;
    const { route, key, retry } = this.#job;
    this.stop();
    try {
      if (error instanceof LeaseLostError) {
        // Fenced: whoever holds the key now knows better. Nothing more is written; the key is looked at again.
        await this.#lookAgain(0);
        return { kind: 'deferred' };
      }
      // A request without an answer may still land after others have written: look again when it must have.
      if (this.#lease && error.outcomeUnknown) await this.#lookAgain(LATE_WRITE_MS);
      for (let attempt = 0; attempt < MAX_ROUNDS; attempt++) {
        const now = clock.now();
        const record = observe(await state.get(route.name, key), route.name, key, this.#unnoted, now);
        const owner = this.#lease ? { owner: this.#lease.owner } : {};
        const failure = fail(record, this.#covered, error, { policy: retry, random: ids.random(), now, ...owner });
        if (failure.retryInMs === null && failure.errors === 0 && !this.#lease) break;
        if (!(await state.put(failure.record, record.version))) continue;
        if (failure.retryInMs !== null) return { kind: 'retry', delayMs: failure.retryInMs, error };
        if (failure.errors > 0) return { kind: 'failed', error, errors: failure.errors };
        break;
      }
    } catch (unrecorded) {
      return this.#retryUnrecorded(asTidemarkError(unrecorded));
    }
    return this.#retryUnrecorded(error);
  }

  /** Nothing waits in the record, or it could not be written: the message alone carries the failure, so it must come back. */
  #retryUnrecorded(error: TidemarkError): KeyOutcome {
    const { changes, receives, retry } = this.#job;
    const random = this.#deps.ids.random();
    if (changes.length > 0) return { kind: 'retry', delayMs: backoff(receives, retry.baseMs, retry.capPatientMs, random), error };
    // A look that nobody waits for ends as well: what it did not mend, a reconcile finds and records.
    const decision = decideRetry(error, receives, retry, random);
    return decision.retry ? { kind: 'retry', delayMs: decision.delayMs, error } : this.#settled();
  }
}
