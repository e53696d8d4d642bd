/**
 * What to do about a key that both sides write, from what was seen of both: the three-way decision of O8. Pure.
 *
 *              │ to: as it was     │ to: written            │ to: gone, told        │ to: gone, not told
 * ─────────────┼───────────────────┼────────────────────────┼───────────────────────┼──────────────────────
 * from: as was │ nothing           │ copy to → from         │ remove at from        │ nothing: wait (O10)
 * from: written│ copy from → to    │ equal? nothing         │ conflict              │ copy from → to, and
 *              │                   │ else conflict          │                       │ the delete is told
 *
 * and the same with the sides exchanged. Gone on both sides is a tombstone.
 */
import { otherSide, type Side, TELLS } from '../change.ts';
import { TidemarkError } from '../errors.ts';
import type { Bidirectional } from '../routes/route.ts';
import { type Base, dated, pairOf } from './base.ts';
import { type Conflict, type Contender, conflictOf, winnerOf } from './conflict.ts';
import { type Delivery, FINAL, sideOf } from './delivery.ts';
import { type Announced, type Judged, judgeWriting, toldOf } from './judge-writing.ts';
import { couldBeSame, isStill, observedState, sameObject, stateOf } from './pair.ts';
import { claimsPresence, isOpen, type LinkTraits, noSuchKey, type Plan } from './plan.ts';
import type { Applied, ReplicationRecord } from './record.ts';
import type { Observation, Sight } from './sight.ts';
import { carriedOf } from './writing.ts';

export type BothSides = Readonly<Record<Side, Observation>>;

export interface PairLook {
  /** As read before the sides were observed, with this job's changes noted in it. */
  readonly record: ReplicationRecord;
  readonly seen: BothSides;
  /** Of the link that leads to each side. */
  readonly links: Readonly<Record<Side, LinkTraits>>;
  readonly rules: { readonly deletes: boolean; readonly policy: Bidirectional; readonly regions: Readonly<Record<Side, string>> };
  readonly now: number;
  /** What reading both sides showed, after a plan that asked for it. */
  readonly sameBytes?: boolean;
}

export type PairPlan = PairDecision | { readonly do: 'read'; readonly sides: Readonly<Record<Side, Sight>> };

export type PairDecision =
  | { readonly do: 'settle'; readonly applied: Applied | null; readonly losers: readonly Conflict[] }
  | { readonly do: 'act'; readonly act: Extract<Plan, { readonly do: 'act' }>; readonly announced: Announced }
  | { readonly do: 'refuse'; readonly error: TidemarkError };

type Move =
  | { readonly kind: 'still' }
  | { readonly kind: 'written'; readonly sight: Sight; readonly ts: number }
  | { readonly kind: 'gone'; readonly ts: number | undefined }
  /** Gone, and nobody told: no evidence for a delete (O10). */
  | { readonly kind: 'missing' };

export function planPair(look: PairLook): PairPlan {
  const { record, seen, now } = look;
  const judged = judgeWriting(record, seen);
  const keep: PairPlan = { do: 'settle', applied: judged.applied, losers: judged.losers };
  const { from, to } = seen;
  if (!from.present && !to.present) return planAbsent(look, judged);
  if (from.present && to.present && sameObject(from.sight, to.sight)) return { ...keep, applied: pairOf(from.sight, to.sight, judged.applied, now) };
  const moves = { from: moveOf(look, judged.base, 'from'), to: moveOf(look, judged.base, 'to') };
  const winner = winnerAmong(look, moves) ?? provenSide(look, judged.base);
  if (winner === null) {
    const bothStand = from.present && to.present;
    return { ...keep, applied: bothStand ? pairOf(from.sight, to.sight, judged.applied, now) : dated(judged.applied, seen, now) };
  }
  if (from.present && to.present && isUnclear(look, judged.base, moves) && couldBeSame(from.sight, to.sight)) {
    // Read before one is called the other's rival: equal objects are no conflict.
    if (look.sameBytes === undefined) return { do: 'read', sides: { from: from.sight, to: to.sight } };
    if (look.sameBytes) return { ...keep, applied: pairOf(from.sight, to.sight, judged.applied, now) };
  }
  const loser = lostBy(look, judged, moves, winner);
  return moves[winner].kind === 'gone' ? planRemove(look, judged, otherSide(winner), loser) : planCopy(look, judged, otherSide(winner), loser);
}

function planAbsent({ record, now }: PairLook, judged: Judged): PairPlan {
  const { applied, base, losers } = judged;
  const told = applied?.kind === 'tombstone' || record.deliveries.some((delivery) => delivery.op === 'DELETE' && isOpen(delivery));
  const waits = record.deliveries.some((delivery) => delivery.op !== 'DELETE' && !FINAL[delivery.status] && claimsPresence(delivery));
  if (!told && waits) return { do: 'refuse', error: noSuchKey(record.key) };
  const known = told || base.from !== null || base.to !== null;
  return { do: 'settle', applied: known && applied?.kind !== 'tombstone' ? { kind: 'tombstone', at: now } : applied, losers };
}

function moveOf({ record, seen }: PairLook, base: Base, side: Side): Move {
  const there = seen[side];
  if (isStill(there, base[side])) return { kind: 'still' };
  if (there.present) return { kind: 'written', sight: there.sight, ts: Math.max(there.sight.lastModified, newestOf(record, side, 'TAG')?.ts ?? 0) };
  const deleted = newestOf(record, side, 'DELETE');
  if (!deleted) return { kind: 'missing' };
  // Who saw a difference knows no time; nor does an event that is older than what was deleted.
  const dated = TELLS[deleted.origin] && deleted.ts >= (base[side]?.lastModified ?? 0);
  return { kind: 'gone', ts: dated ? deleted.ts : undefined };
}

function newestOf({ deliveries }: ReplicationRecord, side: Side, op: Delivery['op']): Delivery | undefined {
  const open = deliveries.filter((delivery) => delivery.op === op && sideOf(delivery) === side && isOpen(delivery));
  const told = open.filter(({ origin }) => TELLS[origin]);
  return (told.length > 0 ? told : open).reduce<Delivery | undefined>((newest, each) => (newest && newest.ts >= each.ts ? newest : each), undefined);
}

/** @returns the side that the other is made equal to; null: neither */
function winnerAmong({ seen, rules, now }: PairLook, moves: Readonly<Record<Side, Move>>): Side | null {
  const counts = (side: Side): boolean => moves[side].kind === 'written' || (moves[side].kind === 'gone' && rules.deletes);
  if (!counts('from')) return counts('to') ? 'to' : null;
  if (!counts('to')) return 'from';
  return winnerOf({ from: contender(moves.from, seen.from), to: contender(moves.to, seen.to) }, rules.policy, rules.regions, now);
}

/** Either one would lose, or it may be a copy of ours that landed. */
function isUnclear({ seen }: PairLook, base: Base, moves: Readonly<Record<Side, Move>>): boolean {
  return (moves.from.kind === 'written' && moves.to.kind === 'written') || provenSide({ seen }, base) !== null;
}

/**
 * Nothing shows that what stands where a copy of ours was to land is another, nor that it is that copy (etags that are no hashes, and
 * no checksums): it is made again rather than believed.
 */
function provenSide({ seen }: Pick<PairLook, 'seen'>, base: Base): Side | null {
  if (!seen.from.present || !seen.to.present) return null;
  return base.to?.unproven ? 'from' : base.from?.unproven ? 'to' : null;
}

function contender(move: Move, there: Observation): Contender {
  if (move.kind === 'written') return { state: stateOf(move.sight), ts: move.ts };
  if (there.present) return { state: stateOf(there.sight), ts: there.sight.lastModified };
  return { state: null, ts: move.kind === 'gone' ? move.ts : undefined };
}

/** What the winner replaces without having seen it. */
function lostBy({ seen, rules, now }: PairLook, judged: Judged, moves: Readonly<Record<Side, Move>>, winner: Side): Conflict | undefined {
  const side = otherSide(winner);
  const won = contender(moves[winner], seen[winner]);
  const lost = contender(moves[side], seen[side]);
  if (moves[side].kind === 'still') {
    const unsure = seen[side].present ? judged.base[side]?.unsure : judged.perhapsDeleted === side;
    return unsure ? conflictOf(side, { ...lost, unsure }, won, now) : undefined;
  }
  if (moves[side].kind !== 'written' && !rules.deletes) return undefined;
  return conflictOf(side, lost, won, now);
}

function planCopy(look: PairLook, judged: Judged, to: Side, loser: Conflict | undefined): PairPlan {
  const source = sightAt(look, otherSide(to));
  if (source.archived) {
    return { do: 'refuse', error: new TidemarkError('ARCHIVED', 'the object lies in an archive and cannot be read', { key: look.record.key }) };
  }
  const before = observedState(look.seen[to]);
  const { serverSide, conditionalCopy, partsFrom } = look.links[to];
  const act = serverSide && source.size >= partsFrom ? 'parts' : serverSide && conditionalCopy ? 'copy' : 'stream';
  const condition = before === null ? ({ ifAbsent: true } as const) : { ifMatch: before.etag };
  return {
    do: 'act',
    act: { do: 'act', act, way: 'leased', source, condition },
    announced: announcedOf(look, judged, { to, source: carriedOf(source), before }, loser),
  };
}

function planRemove(look: PairLook, judged: Judged, to: Side, loser: Conflict | undefined): PairPlan {
  const before = stateOf(sightAt(look, to));
  const gone = judged.base[otherSide(to)];
  return {
    do: 'act',
    act: { do: 'act', act: 'remove', way: 'leased', condition: { ifMatch: before.etag } },
    announced: announcedOf(look, judged, { to, source: null, before, ...(gone ? { gone } : {}) }, loser),
  };
}

function announcedOf(
  { record, now }: PairLook,
  { applied, losers }: Judged,
  writing: Omit<Announced['writing'], 'loser' | 'told' | 'at'>,
  loser: Conflict | undefined,
): Announced {
  // The same write once more: what is told late may be about the former one.
  const former = record.writing?.to === writing.to && record.writing.source?.etag === writing.source?.etag ? record.writing : null;
  const { told, at } = former ?? { told: toldOf(record, writing.to), at: now };
  return { applied, losers, writing: { ...writing, ...(loser ? { loser } : {}), told, at } };
}

function sightAt({ seen }: PairLook, side: Side): Sight {
  const there = seen[side];
  if (!there.present) throw new TypeError('only what stands there is copied or removed');
  return there.sight;
}
