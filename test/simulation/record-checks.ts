/** Holds every write of a record against the invariants that are about records alone: O6, O7, O9. */
import type { Delivery } from '../../lib/core/objects/delivery.ts';
import type { ReplicationRecord } from '../../lib/core/objects/record.ts';
import type { Table } from './model/table.ts';
import type { Actor } from './scheduler.ts';

/** Failures of the endpoint, not of the object. */
const PATIENT = /^(BUCKET_MISSING|THROTTLED|UNAVAILABLE):/;

export class RecordChecks {
  /** Deliveries that were ever seen final. */
  readonly final = new Set<string>();
  /** Since when the route is paused. */
  pausedAt: () => number | null = () => null;
  readonly #table: Table;
  readonly #now: () => number;
  readonly #violate: (invariant: string, what: string) => void;
  /** How long after its end a lease keeps others away. */
  readonly #restMs: number;
  /** Deliveries that the store's own events name, in the order that things happened. */
  readonly #told = new Map<string, number>();
  /** Who claimed the lease that a record shows. */
  readonly #holders = new Map<string, Actor>();

  constructor(table: Table, now: () => number, violate: (invariant: string, what: string) => void, restMs = 0) {
    this.#table = table;
    this.#now = now;
    this.#violate = violate;
    this.#restMs = restMs;
  }

  /** An event of the store, in the order things happened. */
  told(id: string): void {
    this.#told.set(id, this.#told.size);
  }

  recorded(record: ReplicationRecord, before: ReplicationRecord | null, actor: Actor): void {
    if (record.version !== (before?.version ?? 0) + 1)
      this.#violate('O6', `${record.key}: version ${record.version} was written over ${before?.version ?? 0}`);
    for (const delivery of record.deliveries) {
      if (['done', 'superseded', 'error'].includes(delivery.status)) this.final.add(delivery.id);
      if (delivery.attempts > 200) this.#violate('O9', `${delivery.id}: ${delivery.attempts} attempts`);
    }
    this.#fenced(record, before, actor);
    this.#stopped(record, before, actor);
    this.#dropped(record, before);
    this.#settledInOrder(record, before);
  }

  /** O6: while a lease runs, others note what they heard and set dirty; its end, and what is applied, are its holder's. */
  #fenced(record: ReplicationRecord, before: ReplicationRecord | null, actor: Actor): void {
    const held = before?.lease && before.lease.until + this.#restMs > this.#now() + actor.skew;
    if (!held) {
      if (record.lease && record.lease.until !== before?.lease?.until) this.#holders.set(record.key, actor);
      return;
    }
    if (this.#holders.get(record.key) === actor) return;
    if (record.lease?.owner !== before.lease?.owner)
      this.#violate('O6', `${record.key}: ${actor.name} ended the lease that ${this.#holders.get(record.key)?.name} holds`);
    if (record.applied !== before.applied)
      this.#violate('O6', `${record.key}: ${actor.name} completed under the lease that ${this.#holders.get(record.key)?.name} holds`);
  }

  /** O11: who began after the route was paused claims and applies nothing until it is resumed. */
  #stopped(record: ReplicationRecord, before: ReplicationRecord | null, actor: Actor): void {
    const pausedAt = this.pausedAt();
    if (pausedAt === null || actor.since <= pausedAt) return;
    if (record.lease && record.lease.owner !== before?.lease?.owner)
      this.#violate('O11', `${record.key}: ${actor.name} claimed it on a paused route`);
    if (record.applied !== (before?.applied ?? null)) this.#violate('O11', `${record.key}: ${actor.name} completed it on a paused route`);
  }

  /** O7: what ends as done is the newest of its kind that the look covered, and what fails for the endpoint's sake is tried for hours (O9). */
  #settledInOrder(record: ReplicationRecord, before: ReplicationRecord | null): void {
    const ended = record.deliveries.filter(({ id, status }) => before?.deliveries.find((former) => former.id === id)?.status !== status);
    const place = ({ id }: Delivery): number => this.#told.get(id) ?? -1;
    for (const delivery of ended) {
      if (delivery.status === 'error' && PATIENT.test(delivery.lastError ?? '') && this.#now() - delivery.createdAt < 3_600_000) {
        this.#violate('O9', `${delivery.id} was given up after ${this.#now() - delivery.createdAt} ms: ${delivery.lastError}`);
      }
      if (delivery.status !== 'done' || place(delivery) < 0) continue;
      const newer = ended.find(
        (other) => other.status === 'superseded' && other.op === delivery.op && other.side === delivery.side && place(other) > place(delivery),
      );
      if (newer) this.#violate('O7', `${newer.id} was superseded by ${delivery.id}, which is older`);
    }
  }

  /** O7: a delivery leaves the record only once it is done or superseded. */
  #dropped(record: ReplicationRecord, before: ReplicationRecord | null): void {
    const kept = new Set(record.deliveries.map(({ id }) => id));
    for (const delivery of before?.deliveries ?? []) {
      if (kept.has(delivery.id) || delivery.status === 'done' || delivery.status === 'superseded') continue;
      this.#violate('O7', `${delivery.id} was dropped while ${delivery.status}`);
    }
  }

  /** When the queue has nothing more to say: a message is acknowledged only once what it told is settled, or a look is queued that will settle it. */
  beforeSweep(): void {
    for (const record of this.#table.items.values()) {
      for (const { id, status } of record.deliveries) {
        if ((status === 'pending' || status === 'in_progress') && this.#told.has(id))
          this.#violate('O7', `${id} is ${status}, and only a sweep would look at it`);
      }
    }
  }

  /** When all is quiet. */
  finish(queueSize: number, expected: ReadonlySet<string>): void {
    if (queueSize > 0) this.#violate('O9', `${queueSize} messages never left the queue`);
    for (const { deliveries } of this.#table.items.values()) {
      for (const delivery of deliveries) {
        if (delivery.status === 'pending' || delivery.status === 'in_progress') this.#violate('O7', `${delivery.id} is still ${delivery.status}`);
      }
    }
    for (const id of expected) if (!this.final.has(id)) this.#violate('O7', `${id} was accepted and never ended`);
  }
}
