/**
 * A write of a bidirectional route, announced in the record before it is sent. Whether it landed is seen later from what stands there,
 * once it can no longer land (R8): so a copy that a dead worker left behind is not taken for a user's write.
 */
import { otherSide, type Side, TELLS } from '../change.ts';
import type { Conflict } from './conflict.ts';
import { withConflicts } from './conflict.ts';
import { sideOf } from './delivery.ts';
import { type Base, baseOf, isStill, type SideState, stateOf } from './pair.ts';
import { isOpen } from './plan.ts';
import type { Applied, ReplicationRecord } from './record.ts';
import type { Checksum, Observation, Sight } from './sight.ts';

/** What is carried, with all that tells its bytes apart from others. */
export interface Carried extends SideState {
  readonly md5?: string;
  readonly checksum?: Checksum;
}

export interface Writing {
  readonly to: Side;
  /** What is copied; null: what stands at `to` is removed. */
  readonly source: Carried | null;
  /** What the write is conditioned on; null: nothing stands there. */
  readonly before: SideState | null;
  /** What is given up by it. It counts once the write may have happened. */
  readonly loser?: Conflict;
  readonly at: number;
}

export interface Announced {
  /** What is known to be equal, former writes being judged. */
  readonly applied: Applied | null;
  readonly losers: readonly Conflict[];
  readonly writing: Writing;
}

export function announcing(record: ReplicationRecord, { applied, losers, writing }: Announced): ReplicationRecord {
  return withConflicts({ ...record, applied, writing }, losers);
}

export function carriedOf(sight: Sight): Carried {
  const { md5, checksum } = sight;
  return { ...stateOf(sight), ...(md5 === undefined ? {} : { md5 }), ...(checksum === undefined ? {} : { checksum }) };
}

export interface Judged {
  readonly base: Base;
  /** What the record may say from now on. */
  readonly applied: Applied | null;
  readonly losers: readonly Conflict[];
}

/** What became of the announced write. To be asked only when it was answered, or can no longer land. */
export function judgeWriting(record: ReplicationRecord, seen: Readonly<Record<Side, Observation>>): Judged {
  const { applied, writing } = record;
  const base = baseOf(applied);
  if (!writing) return { base, applied, losers: [] };
  const { to, source, before } = writing;
  const there = seen[to];
  if (isStill(there, before)) {
    // A copy to where nothing stood: it may have landed, and a user deleted it since. The delete is dated, and decided as any other.
    if (source === null || there.present || !toldDeleteSince(record, to, writing.at)) return { base, applied, losers: [] };
    const { lastModified: _elsewhere, versionId: _theirs, ...copied } = source;
    return { base: withSide(base, to, copied), applied, losers: [] };
  }
  const losers = writing.loser ? [writing.loser] : [];
  // Someone else wrote there since. Whether ours came between cannot be seen: what it would have replaced is told.
  if (!landed(there, source)) return { base, applied, losers };
  if (source === null || !there.present) return { base: { from: null, to: null }, applied: { kind: 'tombstone', at: writing.at }, losers };
  const { md5: _md5, checksum: _checksum, ...origin } = source;
  const states = withSide(withSide(base, otherSide(to), origin), to, { ...stateOf(there.sight), unsure: true });
  if (states.from === null || states.to === null) throw new TypeError('both sides of a copy are known');
  return { base: states, applied: { kind: 'pair', from: states.from, to: states.to, at: writing.at }, losers };
}

function withSide(base: Base, side: Side, state: SideState): Base {
  return side === 'from' ? { from: state, to: base.to } : { from: base.from, to: state };
}

/** True when what stands there can be what was written: nothing shows that it is another. */
function landed(there: Observation, source: Carried | null): boolean {
  if (!there.present || source === null) return !there.present && source === null;
  const now = carriedOf(there.sight);
  const sameProperties = now.print === source.print && (now.tags ?? source.tags) === (source.tags ?? now.tags);
  if (now.size !== source.size || !sameProperties) return false;
  if (now.checksum?.type === 'FULL_OBJECT' && source.checksum?.type === 'FULL_OBJECT' && now.checksum.algorithm === source.checksum.algorithm)
    return now.checksum.value === source.checksum.value;
  return now.etag === source.etag || now.md5 === undefined || source.md5 === undefined || now.md5 === source.md5;
}

function toldDeleteSince(record: ReplicationRecord, side: Side, since: number): boolean {
  return record.deliveries.some((each) => each.op === 'DELETE' && sideOf(each) === side && TELLS[each.origin] && isOpen(each) && each.ts >= since);
}
