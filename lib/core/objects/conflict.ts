/** Both sides changed since they were last equal: who wins, and what is kept of the one that does not. */
import type { Side } from '../change.ts';
import { shortHash } from '../hash.ts';
import type { Bidirectional } from '../routes/route.ts';
import type { SideState } from './pair.ts';

/** What lost, as its side named it: on a versioned bucket `versionId` restores it. */
export interface Conflict {
  readonly id: string;
  /** Where it stood. */
  readonly side: Side;
  /** Absent, with all that is named like it: it was a delete. */
  readonly etag?: string;
  readonly versionId?: string;
  readonly size?: number;
  /** Origin time by that side's clock, ms since the epoch; absent where nobody knows when. */
  readonly ts?: number;
  /** Absent `etag`: a delete won. */
  readonly winner: { readonly etag?: string; readonly ts?: number };
  /** When it was decided, ms since the epoch. */
  readonly at: number;
  /** It may have been no user's write, but a copy of ours whose answer never came. */
  readonly unsure?: true;
}

/** True where its bucket still names what lost, so that it can be written again; a delete that lost is made again by deleting. */
export function isRestorable({ etag, versionId }: Conflict): boolean {
  // What was written before its bucket was versioned goes by the name null, and so does whatever replaces it.
  return etag !== undefined && versionId !== undefined && versionId !== 'null';
}

/** Kept per record; on a versioned bucket older ones are still there as versions. */
const MAX_CONFLICTS = 10;

export interface Contender {
  /** Null: it is gone. */
  readonly state: SideState | null;
  /** Undefined: nobody knows when. */
  readonly ts: number | undefined;
  readonly unsure?: true;
}

export function conflictOf(side: Side, loser: Contender, winner: Contender, now: number): Conflict {
  const { state, ts, unsure } = loser;
  const id = shortHash([side, state?.etag ?? '', state?.versionId ?? '', state?.lastModified ?? ts ?? '', winner.state?.etag ?? ''].join('\n'));
  return {
    id,
    side,
    ...(state === null ? {} : { etag: state.etag, size: state.size }),
    ...(state?.versionId === undefined ? {} : { versionId: state.versionId }),
    ...(ts === undefined ? {} : { ts }),
    winner: { ...(winner.state === null ? {} : { etag: winner.state.etag }), ...(winner.ts === undefined ? {} : { ts: winner.ts }) },
    at: now,
    ...(unsure ? { unsure } : {}),
  };
}

/** The record with these told; one that is told already is not repeated. */
export function withConflicts<R extends { readonly conflicts?: readonly Conflict[] }>(record: R, added: readonly Conflict[]): R {
  const known = record.conflicts ?? [];
  const fresh = added.filter(({ id }) => !known.some((conflict) => conflict.id === id));
  return fresh.length === 0 ? record : { ...record, conflicts: [...known, ...fresh].slice(-MAX_CONFLICTS) };
}

/** @returns null when the record tells of no such conflict */
export function withoutConflict<R extends { readonly conflicts?: readonly Conflict[] }>(record: R, id: string): Omit<R, 'conflicts'> | R | null {
  const { conflicts = [], ...others } = record;
  const left = conflicts.filter((conflict) => conflict.id !== id);
  if (left.length === conflicts.length) return null;
  return left.length === 0 ? others : { ...record, conflicts: left };
}

/**
 * The side that wins. A delete that nobody can date never does: absence by itself is no evidence (O10).
 * @param regions of the route's two sides
 */
export function winnerOf(
  contenders: Readonly<Record<Side, Contender>>,
  { prefer, maxSkewMs }: Bidirectional,
  regions: Readonly<Record<Side, string>>,
  now: number,
): Side {
  const { from, to } = contenders;
  if (from.ts === undefined) return 'to';
  if (to.ts === undefined) return 'from';
  if (prefer !== undefined) return prefer === regions.to ? 'to' : 'from';
  // A clock that far ahead would win for ever: it is not asked.
  if (Math.max(from.ts, to.ts) > now + maxSkewMs) return 'from';
  // S3 tells whole seconds of a write and milliseconds of a delete: neither is newer within one second.
  return Math.floor(to.ts / 1000) > Math.floor(from.ts / 1000) ? 'to' : 'from';
}
