/** What a record says of both sides of a bidirectional route's key. */
import type { Side } from '../change.ts';
import { isStill, type Pair, type SideState, stateOf } from './pair.ts';
import type { Applied } from './record.ts';
import type { Observation, Sight } from './sight.ts';

/** What each side held when they last were equal; null: nothing. */
export interface Base {
  readonly from: SideState | null;
  readonly to: SideState | null;
}

/** What a record says of both sides; one that was written while its route went one way is understood too. */
export function baseOf(applied: Applied | null): Base {
  if (applied?.kind === 'pair') return applied;
  if (applied?.kind !== 'object') return { from: null, to: null };
  const { etag, size, print, lastModified, versionId, destination } = applied;
  return {
    from: { etag, size, print, lastModified, ...(versionId === undefined ? {} : { versionId }) },
    to: { etag: destination.etag, size, print, ...(destination.versionId === undefined ? {} : { versionId: destination.versionId }) },
  };
}

/** True when both sides hold what they held when they last were shown to be equal: of some stores no etag or checksum shows it again. */
export function isStillPair(seen: Readonly<Record<Side, Observation>>, applied: Applied | null): boolean {
  const { from, to } = baseOf(applied);
  if (from === null || to === null || from.unproven || to.unproven) return false;
  return isStill(seen.from, from) && isStill(seen.to, to);
}

/** The pair as both sides show it now; the known one where that says the same. */
export function pairOf(from: Sight, to: Sight, known: Applied | null, now: number): Pair {
  const seen = { from: stateOf(from), to: stateOf(to) };
  const unchanged = known?.kind === 'pair' && isSameState(known.from, seen.from) && isSameState(known.to, seen.to);
  return unchanged ? known : { kind: 'pair', ...seen, at: now };
}

/**
 * The pair with the times of those that stand as it knows them, where one side alone stands: a copy of ours that nobody has seen since
 * is told from a later write of the same bytes by its time alone.
 */
export function dated(known: Applied | null, seen: Readonly<Record<Side, Observation>>, now: number): Applied | null {
  const { from, to } = baseOf(known);
  if (from === null || to === null) return known;
  const pair: Pair = { kind: 'pair', from: datedSide(from, seen.from), to: datedSide(to, seen.to), at: now };
  return pair.from === from && pair.to === to ? known : pair;
}

function datedSide(known: SideState, there: Observation): SideState {
  const isNew = there.present && known.lastModified === undefined && isStill(there, known);
  return isNew ? { ...known, lastModified: there.sight.lastModified } : known;
}

function isSameState(a: SideState, b: SideState): boolean {
  return (
    a.etag === b.etag &&
    a.size === b.size &&
    a.print === b.print &&
    a.tags === b.tags &&
    a.versionId === b.versionId &&
    a.lastModified === b.lastModified &&
    a.unsure === b.unsure &&
    a.unproven === b.unproven
  );
}
