/** How the deliveries that one look covered end. */
import { compareDeliveries, cutError, type Delivery, type DeliveryStatus, sideOf } from './delivery.ts';
import { claimsPresence, isOpen } from './plan.ts';
import { compareSequencers } from './sequencer.ts';
import type { Observation } from './sight.ts';

export interface Settlement {
  readonly deliveries: readonly Delivery[];
  readonly done: number;
  readonly superseded: number;
}

export interface Seen {
  /** Ids of the deliveries that the look covered: those noted before the source was observed. */
  readonly covered: ReadonlySet<string>;
  readonly source: Observation;
  /** What the destination showed, on a bidirectional route: each delivery is judged by its own side. */
  readonly other?: Observation;
  /** Why the object is not carried: nothing was done for anyone. */
  readonly leftOut?: string;
}

/**
 * Settles every open delivery that was covered.
 * A PUT or TAG whose key is gone stays open unless a newer delete explains it: it ends as an error, seen by a person, never in a delete.
 */
export function settle(deliveries: readonly Delivery[], seen: Seen, tombstoneAt: number | undefined, now: number): Settlement {
  const { covered, source, other = source, leftOut } = seen;
  const open = deliveries.filter((delivery) => covered.has(delivery.id) && isOpen(delivery)).sort(compareDeliveries);
  const newest = new Map(open.map((delivery) => [kindOf(delivery), delivery.id]));
  let done = 0;
  let superseded = 0;
  const settled = deliveries.map((delivery) => {
    if (!covered.has(delivery.id) || !isOpen(delivery)) return delivery;
    const there = sideOf(delivery) === 'from' ? source : other;
    const verdict =
      leftOut === undefined ? judge(delivery, there, newest.get(kindOf(delivery)) === delivery.id, deliveries, tombstoneAt) : 'superseded';
    if (verdict === 'pending') return delivery;
    if (verdict === 'done') done++;
    else superseded++;
    const { lastError: _cleared, dueAt: _past, ...kept } = delivery;
    const why = leftOut === undefined ? {} : { lastError: leftOutAs(leftOut) };
    return { ...kept, ...why, status: verdict, attempts: Math.max(1, delivery.attempts), updatedAt: now };
  });
  return { deliveries: settled, done, superseded };
}

function judge(
  delivery: Delivery,
  source: Observation,
  isNewest: boolean,
  all: readonly Delivery[],
  tombstoneAt: number | undefined,
): Extract<DeliveryStatus, 'done' | 'superseded' | 'pending'> {
  const removes = delivery.op === 'DELETE';
  if (source.present) {
    if (removes || !isNewest) return 'superseded';
    // A store's own event names the etag it was about; an application's may name any, and means "copy this key".
    const aboutAnother =
      (delivery.origin === 's3' || delivery.origin === 'watch') && delivery.etag !== undefined && delivery.etag !== source.sight.etag;
    return aboutAnother ? 'superseded' : 'done';
  }
  // Without a tombstone the route does not replicate deletes: nothing was done.
  if (removes) return isNewest && tombstoneAt !== undefined ? 'done' : 'superseded';
  return !claimsPresence(delivery) || explainedByDelete(delivery, all, tombstoneAt) ? 'superseded' : 'pending';
}

const LEFT_OUT = 'LEFT_OUT: ';

function leftOutAs(why: string): string {
  return cutError(LEFT_OUT + why);
}

/** It was looked at, and its route does not carry such an object. */
export function isLeftOut({ status, lastError }: Delivery): boolean {
  return status === 'superseded' && lastError?.startsWith(LEFT_OUT) === true;
}

function kindOf(delivery: Delivery): string {
  return `${delivery.op}/${sideOf(delivery)}`;
}

function explainedByDelete(put: Delivery, all: readonly Delivery[], tombstoneAt: number | undefined): boolean {
  if (tombstoneAt !== undefined && put.ts <= tombstoneAt) return true;
  const deletes = all.filter((other) => other.op === 'DELETE' && sideOf(other) === sideOf(put));
  return deletes.some((other) => (compareSequencers(put.sequencer, other.sequencer) ?? put.ts - other.ts) <= 0);
}
