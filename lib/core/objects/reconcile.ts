/** What no event told: found by comparing both listings with the record. Pure. */
import type { ObjectChange } from '../change.ts';
import type { Delivery } from './delivery.ts';
import { isOpen } from './plan.ts';
import type { ReplicationRecord } from './record.ts';
import { isLeftOut } from './settle.ts';

export interface ListingEntry {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  readonly lastModified: number;
}

/**
 * @param anew what a look found left out is asked for again: the route's filters may have been widened since
 * @returns the change to look at, or null when the record and both listings agree.
 * A key that only the destination holds is a candidate for deletion when the record says that it came from this source, or may have:
 * a copy was begun and never recorded, because its worker died. What was put there by others is none of ours (O10).
 */
export function difference(
  key: string,
  source: ListingEntry | undefined,
  destination: ListingEntry | undefined,
  record: ReplicationRecord | undefined,
  now: number,
  anew = false,
): ObjectChange | null {
  const applied = record?.applied ?? null;
  if (!source) {
    const waits = record?.deliveries.some((delivery) => delivery.op === 'DELETE' && isOpen(delivery));
    return destination && (applied || record?.intent) && !waits ? { op: 'DELETE', key, origin: 'reconcile', ts: now } : null;
  }
  const asApplied =
    applied?.kind === 'object' &&
    applied.etag === source.etag &&
    applied.size === source.size &&
    // Listings tell milliseconds where HEAD tells whole seconds.
    Math.floor(applied.lastModified / 1000) === Math.floor(source.lastModified / 1000) &&
    applied.destination.etag === destination?.etag;
  if (asApplied || isKnown(source, record, anew)) return null;
  return { op: 'PUT', key, origin: 'reconcile', ts: source.lastModified, etag: source.etag, size: source.size };
}

/** This very state waits for its next attempt or for a person, or is not carried, as only a look could tell: telling it again would only repeat it. */
function isKnown(source: ListingEntry, record: ReplicationRecord | undefined, anew: boolean): boolean {
  const tells = (delivery: Delivery): boolean => isOpen(delivery) || (!anew && isLeftOut(delivery));
  return record?.deliveries.some((delivery) => delivery.op !== 'DELETE' && delivery.etag === source.etag && tells(delivery)) ?? false;
}
