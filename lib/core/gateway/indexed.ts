/** The index of objects (B8): what the route's records know of each, so that nothing has to be written or kept for it. */
import { otherSide, type Side } from '../change.ts';
import type { ReplicationRecord } from '../objects/record.ts';

export interface IndexedObject {
  readonly key: string;
  /** At the side where it was written last. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType?: string;
  /** Where it was written last, by the times of both sides: a copy is younger than what it was made of. */
  readonly lastSide: Side;
  /** When it was written there, ms since the epoch. */
  readonly lastModified?: number;
}

/** @returns null for a record of what both sides do not hold (yet, or any more) */
export function indexed({ key, applied }: ReplicationRecord): IndexedObject | null {
  if (applied?.kind !== 'pair') return null;
  const { from, to } = applied;
  // A copy that nobody has seen since has no time.
  const lastSide: Side = (from.lastModified ?? Number.POSITIVE_INFINITY) <= (to.lastModified ?? Number.POSITIVE_INFINITY) ? 'from' : 'to';
  const { etag, size, contentType = applied[otherSide(lastSide)].contentType, lastModified } = applied[lastSide];
  return {
    key,
    etag,
    size,
    lastSide,
    ...(contentType === undefined ? {} : { contentType }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
}
