/**
 * The record's transitions, each a pure function to the next record (version + 1), written by compare-and-swap.
 * The diagram and the invariants stand in SPEC.md.
 */
import type { ObjectChange } from '../change.ts';
import type { TidemarkError } from '../errors.ts';
import { decideRetry, type RetryPolicy } from '../retry.ts';
import { type Conflict, withConflicts, withoutConflict } from './conflict.ts';
import { cutError, type Delivery, deliveryId, FINAL, noteChanges, trimDeliveries } from './delivery.ts';
import { type Announced, announcing } from './judge-writing.ts';
import { expiryOf, isOpen } from './plan.ts';
import { type Applied, emptyRecord, type Lease, type ReplicationRecord, type Upload } from './record.ts';
import { settle } from './settle.ts';
import type { Observation } from './sight.ts';

/**
 * The record as a look starts from it: this job's changes noted as pending. Not yet written.
 * A message that names an error asks for it once more; other errors wait for a person.
 */
export function observe(
  stored: ReplicationRecord | null,
  route: string,
  key: string,
  changes: readonly ObjectChange[],
  now: number,
): ReplicationRecord {
  const record = stored ?? emptyRecord(route, key, now);
  const noted = noteChanges(record.deliveries, route, changes, now);
  // Ids cost more than all else here.
  if (!noted.some(({ status }) => status === 'error')) return { ...record, deliveries: noted };
  const named = new Set(changes.map((change) => deliveryId(route, change)));
  const reopened = (delivery: Delivery): boolean => delivery.status === 'error' && named.has(delivery.id);
  if (!noted.some(reopened)) return { ...record, deliveries: noted };
  return { ...record, deliveries: noted.map((delivery) => (reopened(delivery) ? { ...delivery, status: 'pending' as const } : delivery)) };
}

/** Ids of what a look that starts from `record` covers. */
export function coveredBy(record: ReplicationRecord): ReadonlySet<string> {
  return new Set(record.deliveries.filter(isOpen).map(({ id }) => id));
}

function next(record: ReplicationRecord, change: Partial<Omit<ReplicationRecord, 'route' | 'key' | 'version'>>, now: number): ReplicationRecord {
  const { expiresAt: _former, intent, ...kept } = record;
  const merged = { ...kept, ...change };
  const deliveries = trimDeliveries(merged.deliveries, now);
  const expiresAt = merged.lease || merged.conflicts ? undefined : expiryOf(merged.applied, deliveries);
  return {
    ...merged,
    deliveries,
    version: record.version + 1,
    updatedAt: now,
    ...(merged.applied === null && (intent || merged.lease) ? { intent: true } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

export function claim(record: ReplicationRecord, owner: string, until: number, now: number): ReplicationRecord {
  const deliveries = record.deliveries.map((delivery) =>
    delivery.status === 'pending' ? { ...delivery, status: 'in_progress' as const, updatedAt: now } : delivery,
  );
  return next(record, { lease: { owner, until, dirty: false, extended: false }, deliveries }, now);
}

/** @returns null when `owner` no longer holds the lease */
export function extend(record: ReplicationRecord, owner: string, until: number, now: number): ReplicationRecord | null {
  const lease = record.lease;
  if (lease?.owner !== owner || lease.until <= now) return null;
  return next(record, { lease: { ...lease, until, extended: true } }, now);
}

/** Something newer arrived while another worker holds the lease: it looks again when it completes. */
export function markDirty(record: ReplicationRecord, lease: Lease, now: number): ReplicationRecord {
  return next(record, { lease: { ...lease, dirty: true } }, now);
}

export function saveUpload(record: ReplicationRecord, upload: Upload | null, now: number): ReplicationRecord {
  const { upload: _former, ...kept } = record;
  return next(upload ? { ...kept, upload } : kept, {}, now);
}

/** Announces the write that follows under a lease that is held already: what stands there afterwards can be told from a user's write. */
export function announce(record: ReplicationRecord, announced: Announced, now: number): ReplicationRecord {
  return next(announcing(record, announced), {}, now);
}

export interface Outcome {
  readonly applied: Applied | null;
  readonly source: Observation;
  /** Bidirectional routes: what stood at `to`. */
  readonly other?: Observation;
  /** Bidirectional routes: what was overwritten unseen by the side that won. */
  readonly losers?: readonly Conflict[];
  readonly covered: ReadonlySet<string>;
  /** Why the object at the source is not carried; what asked for it is superseded, and says so. */
  readonly leftOut?: string;
}

export interface Completion {
  readonly record: ReplicationRecord;
  readonly done: number;
  readonly superseded: number;
  /** Something newer is known: look again. */
  readonly dirty: boolean;
}

/** Ends a look: what it covered is settled, the lease (if any) released. The caller holds the lease or owns the version. */
export function complete(record: ReplicationRecord, outcome: Outcome, now: number): Completion {
  const tombstoneAt = outcome.applied?.kind === 'tombstone' ? outcome.applied.at : undefined;
  const settlement = settle(record.deliveries, outcome, tombstoneAt, now);
  const deliveries = settlement.deliveries.map((delivery) =>
    delivery.status === 'in_progress' ? { ...delivery, status: 'pending' as const } : delivery,
  );
  const { upload: _finished, writing: _answered, ...kept } = record;
  return {
    record: next(withConflicts(kept, outcome.losers ?? []), { applied: outcome.applied, lease: null, deliveries }, now),
    done: settlement.done,
    superseded: settlement.superseded,
    dirty: record.lease?.dirty ?? false,
  };
}

/** What an answered write left behind. */
export interface Written {
  readonly applied: Applied | null;
  readonly losers: readonly Conflict[];
}

export interface Failure {
  readonly record: ReplicationRecord;
  /** Null: every covered delivery is an error now. */
  readonly retryInMs: number | null;
  readonly errors: number;
}

/**
 * A look failed: counted on every waiting delivery that it covered and whose backoff was over, each of which waits for its next
 * attempt or becomes an error (O9). Parallel messages of one key thus count once a backoff, not once a message.
 * @param context `owner`: whose lease to release; another's stays. `rests`: it ends now but is not released, since its last write may land yet.
 * `written`: what was carried out before the failure, which no completion could say
 */
export function fail(
  record: ReplicationRecord,
  covered: ReadonlySet<string>,
  error: TidemarkError,
  context: {
    readonly owner?: string;
    readonly rests?: boolean;
    readonly written?: Written;
    readonly policy: RetryPolicy;
    readonly random: number;
    readonly now: number;
  },
): Failure {
  const { now, policy, random } = context;
  const mine = record.lease?.owner === context.owner;
  let retryInMs: number | null = null;
  let errors = 0;
  const deliveries = record.deliveries.map((delivery): Delivery => {
    if (!covered.has(delivery.id) || FINAL[delivery.status]) return delivery;
    if (error.retryable && delivery.dueAt !== undefined && delivery.dueAt > now) {
      retryInMs = Math.max(retryInMs ?? 0, delivery.dueAt - now);
      return delivery.status === 'in_progress' ? { ...delivery, status: 'pending' } : delivery;
    }
    const attempts = delivery.attempts + 1;
    const decision = decideRetry(error, attempts, policy, random);
    const lastError = cutError(`${error.code}: ${error.message}`);
    const failed = { ...delivery, attempts, lastError, updatedAt: now };
    if (decision.retry) {
      retryInMs = Math.max(retryInMs ?? 0, decision.delayMs);
      return { ...failed, status: 'pending', dueAt: now + decision.delayMs };
    }
    errors++;
    const { dueAt: _none, ...ended } = failed;
    return { ...ended, status: 'error' };
  });
  const lease = context.rests && record.lease ? { ...record.lease, until: Math.min(record.lease.until, now) } : null;
  return {
    record: next(mine && context.written ? withWritten(record, context.written) : record, { deliveries, ...(mine ? { lease } : {}) }, now),
    retryInMs,
    errors,
  };
}

function withWritten({ writing: _answered, ...record }: ReplicationRecord, { applied, losers }: Written): ReplicationRecord {
  return withConflicts({ ...record, applied }, losers);
}

/** What failed for good, where nothing else is to do; null otherwise. */
export function waitsForPerson({ deliveries, lease }: ReplicationRecord): Delivery | null {
  if (lease !== null || !deliveries.every(({ status }) => FINAL[status])) return null;
  return deliveries.find(({ status }) => status === 'error') ?? null;
}

/** How long all that waits still has to wait, ms; 0 when something is due, or nothing waits. */
export function backoffLeft(record: ReplicationRecord, now: number): number {
  const waiting = record.deliveries.filter(({ status }) => !FINAL[status]);
  if (waiting.length === 0) return 0;
  return Math.max(0, Math.min(...waiting.map(({ dueAt }) => (dueAt ?? now) - now)));
}

/** Gives the named errors (all of the record's when `ids` is undefined) a new life. @returns null when there is none */
export function requeue(record: ReplicationRecord, ids: ReadonlySet<string> | undefined, now: number): ReplicationRecord | null {
  const chosen = (delivery: Delivery): boolean => delivery.status === 'error' && (ids === undefined || ids.has(delivery.id));
  if (!record.deliveries.some(chosen)) return null;
  const deliveries = record.deliveries.map((delivery): Delivery => {
    if (!chosen(delivery)) return delivery;
    const { lastError: _cleared, dueAt: _past, ...kept } = delivery;
    return { ...kept, status: 'pending', attempts: 0, updatedAt: now };
  });
  return next(record, { deliveries }, now);
}

/** A person has seen it. @returns null when the record tells of no such conflict */
export function dismiss(record: ReplicationRecord, conflict: string, now: number): ReplicationRecord | null {
  const left = withoutConflict(record, conflict);
  return left && next(left, {}, now);
}

/** Changes accepted from the API or told by an event that cannot be looked at now: pending until a look covers them. */
export function accept(record: ReplicationRecord, changes: readonly ObjectChange[], now: number): ReplicationRecord {
  return next(record, { deliveries: noteChanges(record.deliveries, record.route, changes, now) }, now);
}

/**
 * The route is paused: what was told waits in the record, where the work index shows it, and the message behind it is acknowledged.
 * So something always waits: a look that was to mend what may have landed late is a change of its own here. What a worker that died
 * left under way waits, too; without that its message alone would know of it.
 * @returns null when the record says all of it already
 */
export function hold(stored: ReplicationRecord | null, observed: ReplicationRecord, now: number): ReplicationRecord | null {
  const { route, key, deliveries } = observed;
  const look: ObjectChange = { op: 'PUT', key, origin: 'reconcile', ts: now };
  const noted = deliveries.some(({ status }) => !FINAL[status]) ? deliveries : noteChanges(deliveries, route, [look], now);
  const underWay = noted.some(({ status }) => status === 'in_progress');
  if (!underWay && noted === stored?.deliveries) return null;
  const waiting = noted.map((delivery) => (delivery.status === 'in_progress' ? { ...delivery, status: 'pending' as const } : delivery));
  return next(observed, { deliveries: waiting }, now);
}

/**
 * The look is put off, with its message: what waits says until when.
 * @returns null when nothing waits
 */
export function postpone(observed: ReplicationRecord, until: number, now: number): ReplicationRecord | null {
  if (!observed.deliveries.some(({ status }) => status === 'pending')) return null;
  const deliveries = observed.deliveries.map((delivery) =>
    delivery.status === 'pending' ? { ...delivery, dueAt: Math.max(delivery.dueAt ?? 0, until), updatedAt: now } : delivery,
  );
  return next(observed, { deliveries }, now);
}

/** True when writing `after` would tell nothing that `before` doesn't: the write can be saved. */
export function tellsNothingNew(before: ReplicationRecord, after: ReplicationRecord, outcome: Outcome): boolean {
  return (
    before.version > 0 &&
    before.lease === null &&
    before.upload === undefined &&
    before.writing === undefined &&
    outcome.applied === before.applied &&
    after.deliveries.every((delivery) => before.deliveries.includes(delivery)) &&
    !before.deliveries.some((delivery) => !FINAL[delivery.status])
  );
}
