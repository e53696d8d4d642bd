/** What a record says of both sides of a bidirectional route's key. */
import { type Pair, type SideState, stateOf } from './pair.ts';
import type { Applied } from './record.ts';
import type { Sight } from './sight.ts';

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

/** The pair as both sides show it now; the known one where that says the same. */
export function pairOf(from: Sight, to: Sight, known: Applied | null, now: number): Pair {
  const seen = { from: stateOf(from), to: stateOf(to) };
  const unchanged = known?.kind === 'pair' && isSameState(known.from, seen.from) && isSameState(known.to, seen.to);
  return unchanged ? known : { kind: 'pair', ...seen, at: now };
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
