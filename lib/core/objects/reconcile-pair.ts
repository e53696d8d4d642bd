/** What no event told of a bidirectional route's key: found by comparing both listings with the pair that the record knows. Pure. */
import { type ObjectChange, otherSide, type Side } from '../change.ts';
import { baseOf } from './base.ts';
import { sideOf } from './delivery.ts';
import type { SideState } from './pair.ts';
import { isOpen } from './plan.ts';
import type { ListingEntry } from './reconcile.ts';
import type { ReplicationRecord } from './record.ts';

export type ListedSides = Readonly<Partial<Record<Side, ListingEntry>>>;

/**
 * @param believed whether a key that a side does not list may be gone there: a side that lists nothing at all merely looks empty (O10)
 * @returns the change to look at, or null when the record and both listings agree
 */
export function pairDifference(
  key: string,
  listed: ListedSides,
  record: ReplicationRecord | undefined,
  believed: Readonly<Record<Side, boolean>>,
  now: number,
): ObjectChange | null {
  const base = baseOf(record?.applied ?? null);
  const gone = listed.from ? (listed.to ? null : 'to') : 'from';
  if (gone === null) {
    const moved = isAsSeen(listed.from, base.from) ? 'to' : 'from';
    return isAsSeen(listed[moved], base[moved]) ? null : written(key, listed, moved, record);
  }
  const there = otherSide(gone);
  // A copy that stands where it was to be written came from the other side, though its worker died before it could say so.
  const begun = record?.writing?.to === there && record.writing.source !== null;
  if ((base[gone] === null && !begun) || !believed[gone]) return isAsSeen(listed[there], base[there]) ? null : written(key, listed, there, record);
  const waits = record?.deliveries.some((delivery) => delivery.op === 'DELETE' && sideOf(delivery) === gone && isOpen(delivery));
  return waits ? null : { op: 'DELETE', key, origin: 'reconcile', ts: now, side: gone };
}

function written(key: string, listed: ListedSides, side: Side, record: ReplicationRecord | undefined): ObjectChange | null {
  const entry = listed[side];
  if (!entry) return null;
  const waits = record?.deliveries.some(
    (delivery) => delivery.op !== 'DELETE' && sideOf(delivery) === side && delivery.etag === entry.etag && isOpen(delivery),
  );
  return waits ? null : { op: 'PUT', key, origin: 'reconcile', ts: entry.lastModified, etag: entry.etag, size: entry.size, side };
}

/** A copy of ours that nobody has seen since may have been written again with other metadata, and no listing shows that: it is looked at once. */
function isAsSeen(entry: ListingEntry | undefined, known: SideState | null): boolean {
  return isListed(entry, known) && known?.lastModified !== undefined;
}

/** As far as a listing tells. */
export function isListed(entry: ListingEntry | undefined, known: SideState | null): boolean {
  if (!entry || known === null) return !entry && known === null;
  // Listings tell milliseconds where HEAD tells whole seconds.
  const sameTime = known.lastModified === undefined || Math.floor(known.lastModified / 1000) === Math.floor(entry.lastModified / 1000);
  return entry.etag === known.etag && entry.size === known.size && sameTime;
}
