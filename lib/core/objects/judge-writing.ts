/** Announces a write in the record, and judges later what became of it (R9). */
import { otherSide, type Side, TELLS } from '../change.ts';
import { type Base, baseOf } from './base.ts';
import { type Conflict, withConflicts } from './conflict.ts';
import { compareDeliveries, type Delivery, shortIdOf, sideOf } from './delivery.ts';
import { isStill, pairAt, type SideState, stateOf } from './pair.ts';
import { isOpen } from './plan.ts';
import type { Applied, ReplicationRecord } from './record.ts';
import type { Observation } from './sight.ts';
import { type Carried, carriedOf, type Writing } from './writing.ts';

export interface Announced {
  /** What is known to be equal, former writes being judged. */
  readonly applied: Applied | null;
  readonly losers: readonly Conflict[];
  readonly writing: Writing;
}

/** The announced write was refused: whatever stands there is not ours. */
export function withdrawn({ writing: _refused, ...record }: ReplicationRecord): ReplicationRecord {
  return record;
}

/** Short ids of the events of a side that a record knows. */
export function toldOf({ deliveries }: ReplicationRecord, side: Side): readonly string[] {
  return deliveries.filter((each) => sideOf(each) === side && TELLS[each.origin]).map(({ id }) => shortIdOf(id));
}

export function announcing(record: ReplicationRecord, { applied, losers, writing }: Announced): ReplicationRecord {
  return withConflicts({ ...record, applied, writing }, losers);
}

export interface Judged {
  readonly base: Base;
  /** What the record may say from now on. */
  readonly applied: Applied | null;
  readonly losers: readonly Conflict[];
  /** A delete was told where a copy of ours may have stood: writing there again is told as a conflict. */
  readonly perhapsDeleted?: Side;
}

/** What became of the announced write. To be asked only when it was answered, or can no longer land. */
export function judgeWriting(record: ReplicationRecord, seen: Readonly<Record<Side, Observation>>): Judged {
  const { applied, writing } = record;
  if (!writing) return { base: baseOf(applied), applied, losers: [] };
  const { to, source, before } = writing;
  const base = baseBefore(record, writing, seen);
  const there = seen[to];
  const losers = writing.loser ? [writing.loser] : [];
  const asBefore = isStill(there, before);
  if (asBefore && there.present) return { base, applied, losers: [] };
  if (source === null) {
    if (there.present) return { base: withoutLookalike(base, to, there), applied, losers };
    return { base: { from: null, to: null }, applied: { kind: 'tombstone', at: writing.at }, losers };
  }
  const origin = originOf(source);
  const landed = landing(there, source);
  if (!there.present || landed === 'no') {
    // Either it never landed, or a user wrote or deleted there since. The event of our own write alone shows that it came between,
    // and that this user knew it. Where it cannot be seen, what it would have replaced is told.
    const { lastModified: _elsewhere, versionId: _theirs, ...copied } = origin;
    const ours = toldCopy(record, writing);
    const deleted = !there.present && toldSince(record, writing).some((each) => each.op === 'DELETE' && isOpen(each));
    // Where nothing stands, no event shows that ours had landed: those of a former copy and of its removal look the same, and come late.
    // It is written again, and that is told.
    const perhapsDeleted = ours || deleted ? { perhapsDeleted: to } : {};
    if (!ours || !there.present) return { base: withoutLookalike(base, to, there), applied, losers: asBefore ? [] : losers, ...perhapsDeleted };
    // A write of the same bytes tells the same event.
    const known = pairAt(to, { ...copied, unsure: true }, { ...origin, unsure: true }, writing.at);
    return { base: known, applied: known, losers };
  }
  const copy = { ...stateOf(there.sight), unsure: true } as const;
  const known =
    landed === 'shown' ? pairAt(to, copy, origin, writing.at) : pairAt(to, { ...copy, unproven: true }, { ...origin, unsure: true }, writing.at);
  return { base: known, applied: known, losers };
}

/** What the announcement saw there was something else: that it looks as the pair knows it once more is a user's doing. */
function withoutLookalike(base: Base, to: Side, there: Observation): Base {
  return there.present && isStill(there, base[to]) ? { ...base, [to]: null } : base;
}

/** What was carried, or deleted, stood at its own side, whatever else is known: where it is gone, somebody deleted it. */
function baseBefore({ applied }: ReplicationRecord, { to, source, gone }: Writing, seen: Readonly<Record<Side, Observation>>): Base {
  const base = baseOf(applied);
  const side = otherSide(to);
  const stood = source ? originOf(source) : gone;
  return !stood || base[side] !== null || seen[side].present ? base : { ...base, [side]: stood };
}

function originOf({ md5: _md5, checksum: _checksum, ...origin }: Carried): SideState {
  return origin;
}

/** Whether what stands there is what was written. `possible`: nothing shows that it is, or that it is another. */
function landing(there: Observation, source: Carried): 'shown' | 'possible' | 'no' {
  if (!there.present) return 'no';
  const now = carriedOf(there.sight);
  const sameProperties = now.print === source.print && (now.tags ?? source.tags) === (source.tags ?? now.tags);
  if (now.size !== source.size || !sameProperties) return 'no';
  if (now.checksum?.type === 'FULL_OBJECT' && source.checksum?.type === 'FULL_OBJECT' && now.checksum.algorithm === source.checksum.algorithm)
    return now.checksum.value === source.checksum.value ? 'shown' : 'no';
  if (now.etag === source.etag) return 'shown';
  return now.md5 === undefined || source.md5 === undefined ? 'possible' : now.md5 === source.md5 ? 'shown' : 'no';
}

/** How far the clocks of a worker and a store may be apart, for their times to be compared. */
const CLOCKS_APART_MS = 120_000;

/** What a side's own events told since the write was announced, oldest first. */
function toldSince({ deliveries }: ReplicationRecord, { to, told, at }: Writing): readonly Delivery[] {
  const since = (each: Delivery): boolean => !told.includes(shortIdOf(each.id)) && each.ts >= at - CLOCKS_APART_MS;
  return deliveries.filter((each) => sideOf(each) === to && TELLS[each.origin] && since(each)).sort(compareDeliveries);
}

/** The event of our own copy was told. One that is older than a delete which is settled was of another. */
function toldCopy(record: ReplicationRecord, writing: Writing): boolean {
  const copy = toldSince(record, writing).findLast(({ op, etag }) => op === 'PUT' && etag === writing.source?.etag);
  const settled = record.deliveries.filter((each) => each.op === 'DELETE' && sideOf(each) === writing.to && !isOpen(each));
  return copy !== undefined && settled.every((each) => compareDeliveries(each, copy) < 0);
}
