import type { ObjectChange } from '../core/change.ts';
import { TidemarkError } from '../core/errors.ts';
import { type Delivery, deliveryId, FINAL } from '../core/objects/delivery.ts';
import type { ReplicationRecord } from '../core/objects/record.ts';
import { fail, observe } from '../core/objects/transitions.ts';
import type { RetryPolicy } from '../core/retry.ts';
import type { ReplicationState } from '../ports/replication-state.ts';
import type { Clock, Ids } from '../ports/system.ts';

export interface CrashDeps {
  readonly state: ReplicationState;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface CrashedWork {
  readonly route: string;
  readonly key: string;
  /** What the message told; empty for a look, which stands for all that is open. */
  readonly changes: readonly ObjectChange[];
  /** When the message was first sent, ms since the epoch. */
  readonly sentAt?: number;
}

const MAX_RACES = 20;

/**
 * Makes work that no worker lives to answer for an error that a person sees (O7). Doing it again changes nothing.
 * @returns false when the record tells of it already, or the key was looked at successfully since the message was sent
 * @throws TidemarkError THROTTLED when the record is written by too many at once
 */
export async function recordCrash({ state, clock, ids }: CrashDeps, work: CrashedWork, policy: RetryPolicy): Promise<boolean> {
  const { route, key } = work;
  for (let race = 0; race < MAX_RACES; race++) {
    const stored = await state.get(route, key);
    const now = clock.now();
    // A look tells of no change: where nothing waits it leaves one behind, so that a person sees the key and can requeue it.
    const look: ObjectChange = { op: 'PUT', key, origin: 'reconcile', ts: work.sentAt ?? now };
    const unseen = work.changes.length === 0 && !(stored && waitingIn(stored).size > 0) && !isSeen(stored, work.sentAt) ? [look] : [];
    const changes = [...work.changes.filter((change) => !isSettled(stored, deliveryId(route, change), work.sentAt)), ...unseen];
    const record = observe(stored, route, key, changes, now);
    // Only what the message told: newer events of the key have messages of their own that may yet go well.
    const told = new Set(changes.map((change) => deliveryId(route, change)));
    const covered = work.changes.length > 0 ? told : waitingIn(record);
    if (covered.size === 0) return false;
    const error = new TidemarkError('CRASHED', 'the worker died on this message again and again', { key });
    const failure = fail(record, covered, error, { policy, random: ids.random(), now });
    if (await state.put(failure.record, record.version)) return true;
  }
  throw new TidemarkError('THROTTLED', 'the record of the key is written by too many at once', { key });
}

function waitingIn({ deliveries }: ReplicationRecord): ReadonlySet<string> {
  return new Set(deliveries.filter(({ status }) => !FINAL[status]).map(({ id }) => id));
}

function isSettled(stored: ReplicationRecord | null, id: string, sentAt: number | undefined): boolean {
  const delivery = stored?.deliveries.find((each: Delivery) => each.id === id);
  // One that is not listed may have been dropped after its end: a look that came after the message covered it.
  return delivery ? FINAL[delivery.status] : appliedSince(stored, sentAt);
}

function isSeen(stored: ReplicationRecord | null, sentAt: number | undefined): boolean {
  return stored?.deliveries.some(({ status }) => status === 'error') === true || appliedSince(stored, sentAt);
}

function appliedSince(stored: ReplicationRecord | null, sentAt: number | undefined): boolean {
  return sentAt !== undefined && stored?.applied != null && stored.applied.at >= sentAt;
}
