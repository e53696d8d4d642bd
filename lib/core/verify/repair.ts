/** What a repair asks for, so that the protocol ends a difference. Pure. */
import { type ObjectChange, otherSide, type Side } from '../change.ts';
import type { ReplicationRecord } from '../objects/record.ts';
import { changeAt, type Route } from '../routes/route.ts';
import type { Difference } from './difference.ts';
import { REASONS } from './judge.ts';

export interface RepairTerms {
  /** Of the job: a page that is repeated asks for the same once more, and not for something else. */
  readonly ts: number;
  /** What is gone at one side may be deleted at the other: only where the side that lacks it is believed (O10). */
  readonly delete: boolean;
}

/** @returns null where nothing is to be done, or nobody but a person can tell what */
export function repairOf(
  route: Pick<Route, 'deletes' | 'bidirectional'>,
  difference: Difference,
  record: ReplicationRecord | undefined,
  terms: RepairTerms,
): ObjectChange | null {
  const { key, source, destination, reason } = difference;
  const damaged = reason === REASONS.bytes;
  // Which of two sides that are both written is the damaged one, no record tells.
  if (route.bidirectional && damaged) return null;
  const side: Side = source || !route.bidirectional ? 'from' : 'to';
  const held = side === 'from' ? source : destination;
  const deletes = terms.delete && route.deletes;
  if (!route.bidirectional && !source) return destination && deletes ? { op: 'DELETE', key, origin: 'backfill', ts: terms.ts } : null;
  if (route.bidirectional && !(source && destination) && record?.applied && deletes) {
    return changeAt({ op: 'DELETE', key, origin: 'backfill', ts: terms.ts }, otherSide(side));
  }
  if (!held) return null;
  return changeAt({ op: 'PUT', key, origin: damaged ? 'repair' : 'backfill', ts: terms.ts, etag: held.etag, size: held.size }, side);
}
