/** What is known of the two sides of a bidirectional route's key: the states in which they last were equal (O8). */
import type { Side } from '../change.ts';
import { type Checksum, type Observation, printOf, type Sight, sameBytes, sameProperties, tagsPrintOf, UNKNOWN_PRINT } from './sight.ts';

/** One side's state, in that side's own names: etags of an equal pair may differ, and version ids always do (traps 10, 44). */
export interface SideState {
  readonly etag: string;
  readonly size: number;
  /** Fingerprints, see printOf and tagsPrintOf. */
  readonly print: string;
  readonly tags?: string;
  readonly versionId?: string;
  /** For the index of objects: nothing is decided by it, `print` has it too. */
  readonly contentType?: string;
  /** Absent: written by us, and not seen since. The time of a copy is known once a HEAD has told it. */
  readonly lastModified?: number;
  /** Taken for a write of ours whose answer never came. It may be a user's of the same content: replacing it is told as a conflict. */
  readonly unsure?: true;
  /** Nothing shows that it holds what the other side does. */
  readonly unproven?: true;
}

/** Both sides held the same object. */
export interface Pair {
  readonly kind: 'pair';
  readonly from: SideState;
  readonly to: SideState;
  readonly at: number;
}

export function stateOf(sight: Sight): SideState {
  const tags = tagsPrintOf(sight);
  return {
    etag: sight.etag,
    size: sight.size,
    print: printOf(sight),
    ...(tags === undefined ? {} : { tags }),
    ...(sight.versionId === undefined ? {} : { versionId: sight.versionId }),
    ...(sight.headers.contentType === undefined ? {} : { contentType: sight.headers.contentType }),
    lastModified: sight.lastModified,
  };
}

export function observedState(seen: Observation): SideState | null {
  return seen.present ? stateOf(seen.sight) : null;
}

/** The state in which a copy of `source` leaves the other side. */
export function copiedState(source: Sight, written: { readonly etag: string; readonly versionId?: string }): SideState {
  const { versionId: _theirs, lastModified: _before, ...carried } = stateOf(source);
  return { ...carried, etag: written.etag, ...(written.versionId === undefined ? {} : { versionId: written.versionId }) };
}

/** True when nobody wrote since: the etag alone never says so (trap 37). */
export function isStill(seen: Observation, known: SideState | null): boolean {
  if (!seen.present || known === null) return !seen.present && known === null;
  const now = stateOf(seen.sight);
  if (now.tags !== undefined && known.tags !== undefined && now.tags !== known.tags) return false;
  if (now.versionId !== undefined && known.versionId !== undefined) return now.versionId === known.versionId;
  const samePrint = known.print === UNKNOWN_PRINT || now.print === known.print;
  const sameContent = now.etag === known.etag && now.size === known.size && samePrint;
  return sameContent && (known.lastModified === undefined || now.lastModified === known.lastModified);
}

/** True when both are shown to hold the same object, whatever a record says. */
export function sameObject(a: Sight, b: Sight): boolean {
  const sameHash = a.md5 !== undefined && a.md5 === b.md5 && a.size === b.size;
  return (sameHash || sameBytes(a, b)) && sameProperties(a, b);
}

/** True when nothing tells their bytes apart, and nothing shows that they are the same: etags that are no hashes, and no checksums. */
export function couldBeSame(a: Sight, b: Sight): boolean {
  if (a.size !== b.size || a.archived || b.archived || !sameProperties(a, b)) return false;
  if (a.md5 !== undefined && b.md5 !== undefined) return a.md5 === b.md5;
  return fullChecksum(a) === undefined || fullChecksum(a)?.algorithm !== fullChecksum(b)?.algorithm || sameBytes(a, b);
}

function fullChecksum({ checksum }: Sight): Checksum | undefined {
  return checksum?.type === 'FULL_OBJECT' ? checksum : undefined;
}

export function pairAt(side: Side, there: SideState, opposite: SideState, at: number): Pair {
  return { kind: 'pair', ...(side === 'to' ? { from: opposite, to: there } : { from: there, to: opposite }), at };
}
