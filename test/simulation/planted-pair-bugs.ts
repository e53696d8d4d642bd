/** Defects of bidirectional routes that the simulator must find. */
import { both, bug, type PlantedBug } from './planted-bug.ts';

const PAIR = 'lib/core/objects/pair.ts';
const PLAN_PAIR = 'lib/core/objects/plan-pair.ts';
const CONFLICT = 'lib/core/objects/conflict.ts';
const WRITING = 'lib/core/objects/judge-writing.ts';
const TRANSITIONS = 'lib/core/objects/transitions.ts';
const ROUTE = 'lib/core/routes/route.ts';
const LOOK = 'lib/usecases/key-look.ts';

export const PAIR_BUGS: readonly PlantedBug[] = [
  // ── echo ──
  inPairs(
    both(
      bug(
        'a copy of ours is answered by a copy back, for ever',
        ['O5', 'O8', 'O9'],
        1,
        PLAN_PAIR,
        'if (from.present && to.present && sameObject(from.sight, to.sight))',
        'if (from.present && to.present && from.sight.lastModified === to.sight.lastModified && sameObject(from.sight, to.sight))',
      ),
      bug(
        '',
        [],
        0,
        PAIR,
        '(known.lastModified === undefined || now.lastModified === known.lastModified)',
        'now.lastModified === known.lastModified',
      ),
    ),
  ),
  pairBug(
    'an announced copy that landed late is taken for a write of a user',
    ['O2', 'O3', 'O8'],
    1,
    WRITING,
    '{ ...record, applied, writing }',
    '{ ...record, applied }',
  ),
  pairBug(
    'the pair is not stored',
    ['O1', 'O2', 'O3', 'O8'],
    1,
    TRANSITIONS,
    '{ applied: outcome.applied, lease: null, deliveries }',
    '{ applied: record.applied, lease: null, deliveries }',
  ),
  pairBug(
    'the etag alone says that a side did not move',
    ['O1', 'O8'],
    1,
    PAIR,
    'const now = stateOf(seen.sight);',
    'const now = stateOf(seen.sight);\n  if (now.etag === known.etag) return true;',
  ),

  // ── conflicts ──
  pairBug(
    'what lost where both sides moved is told to nobody',
    ['O8'],
    1,
    PLAN_PAIR,
    'return conflictOf(side, lost, won, now);',
    'return undefined;',
  ),
  pairBug(
    'what a dead worker may have overwritten is told to nobody',
    ['O2', 'O8'],
    1,
    WRITING,
    'const losers = writing.loser ? [writing.loser] : [];',
    'const losers: readonly Conflict[] = [];',
  ),
  pairBug(
    'a delete is beaten by an older write',
    ['O8'],
    1,
    CONFLICT,
    "if (to.ts === undefined) return 'from';",
    "if (to.ts === undefined || to.state === null) return 'from';",
  ),
  pairBug(
    'a tie is broken by whoever looks',
    ['O8'],
    1,
    CONFLICT,
    "? 'to' : 'from';\n}",
    "|| (now % 2 === 0 && Math.floor(to.ts / 1000) === Math.floor(from.ts / 1000)) ? 'to' : 'from';\n}",
  ),
  pairBug('a clock that is far ahead wins', ['O8'], 1, CONFLICT, "if (Math.max(from.ts, to.ts) > now + maxSkewMs) return 'from';", ''),
  pairBug('the region that comes first does not', ['O8'], 1, CONFLICT, 'if (prefer !== undefined) return', 'if (prefer === regions.from) return'),

  pairBug(
    'the event of a copy without an answer proves that it was ours',
    ['O8'],
    22_231_000,
    WRITING,
    'pairAt(to, { ...copied, unsure: true }, ',
    'pairAt(to, copied, ',
  ),

  // ── failback ──
  pairBug(
    'what was written at the other side counts for nothing',
    ['O1', 'O8'],
    1,
    PLAN_PAIR,
    "return moves[winner].kind === 'gone' ?",
    "return moves[winner].kind === 'gone' && winner === 'from' ?",
  ),
  pairBug(
    'a copy overwrites whatever stands there',
    ['O2', 'O3', 'O8'],
    1,
    PLAN_PAIR,
    "act: { do: 'act', act, way: 'leased', source, condition },",
    "act: { do: 'act', act, way: 'leased', source },",
  ),
  pairBug(
    'a delete removes whatever stands there',
    ['O1', 'O8'],
    2000,
    PLAN_PAIR,
    "act: { do: 'act', act: 'remove', way: 'leased', condition: { ifMatch: before.etag } },",
    "act: { do: 'act', act: 'remove', way: 'leased' },",
  ),
  pairBug(
    'the region that comes back overwrites the other',
    ['O1', 'O8'],
    1,
    PLAN_PAIR,
    'if (isStill(there, base[side])) return',
    "if (isStill(there, base[side]) || (side === 'to' && there.present && base.to !== null)) return",
  ),

  // ── late writes ──
  pairBug('a key does not rest after its worker died', ['O1', 'O2', 'O3', 'O6', 'O8'], 1, LOOK, 'job.route.bidirectional ? LATE_WRITE_MS : 0', '0'),
  pairBug(
    'a lease is given back while its last write may land',
    ['O1', 'O2', 'O3', 'O8'],
    1,
    LOOK,
    'rests: this.#restMs > 0 && error.outcomeUnknown',
    'rests: false',
  ),

  pairBug(
    'what cannot be proven to be our copy is believed',
    ['O1', 'O8'],
    1,
    PLAN_PAIR,
    "return base.to?.unproven ? 'from' : base.from?.unproven ? 'to' : null;",
    'return null;',
  ),
  pairBug(
    'a copy that may have been deleted is made again untold',
    ['O3', 'O8'],
    4000,
    WRITING,
    'ours || deleted ? { perhapsDeleted: to } : {}',
    'ours && deleted && there.present ? { perhapsDeleted: to } : {}',
  ),
  pairBug(
    'late events of a former copy and its removal are taken for those of a copy that failed',
    ['O10', 'O8'],
    3023000,
    WRITING,
    'if (!ours || !there.present)',
    'if (!ours || (!there.present && !deleted))',
  ),
  pairBug(
    'what looks as it did before the write was announced is taken for untouched',
    ['O2', 'O8'],
    10275000,
    WRITING,
    'return there.present && isStill(there, base[to]) ? { ...base, [to]: null } : base;',
    'return there.present ? base : { ...base };',
  ),
  pairBug(
    'a look that fails after a write was refused still takes it for announced',
    ['O8'],
    12250000,
    'lib/usecases/bidirectional-look.ts',
    'look.written = { applied: decision.announced.applied, losers: [] };',
    '',
  ),
  pairBug(
    'late events of a repeated write are judged by its last announcement',
    ['O3', 'O8'],
    10000,
    PLAN_PAIR,
    'const { told, at } = former ?? {',
    'const { told, at } = (former ? null : former) ?? {',
  ),

  // ── sides ──
  pairBug(
    'what one side deleted for itself hides a write of the other from a reconcile',
    ['O1', 'O5'],
    6076000,
    'lib/usecases/reconcile.ts',
    'pairDifference(key, listed, records.get(key), evident, now)',
    'pairDifference(key, listed, records.get(key), believed, now)',
  ),
  pairBug(
    'a reconcile takes a copy that nobody has seen for unchanged',
    ['O1', 'O5'],
    4017000,
    'lib/core/objects/reconcile-pair.ts',
    'isListed(entry, known) && known?.lastModified !== undefined',
    'isListed(entry, known)',
  ),
  inPairs(
    both(
      bug(
        'a copy that nobody saw hides a later write where the other side is gone and deletes are not carried',
        ['O1', 'O5'],
        31_306_000,
        'lib/core/objects/reconcile-pair.ts',
        'return isAsSeen(listed[there], base[there]) ?',
        'return isListed(listed[there], base[there]) ?',
      ),
      bug('', [], 0, PLAN_PAIR, ': dated(judged.applied, seen, now)', ': judged.applied'),
    ),
  ),
  pairBug(
    'a reconcile sees no side but the source',
    ['O1'],
    5000,
    'lib/core/objects/reconcile-pair.ts',
    "return waits ? null : { op: 'DELETE', key, origin: 'reconcile', ts: now, side: gone };",
    "return waits || gone === 'to' ? null : { op: 'DELETE', key, origin: 'reconcile', ts: now, side: gone };",
  ),
  pairBug(
    'a change does not say at which side it happened',
    ['O1', 'O7', 'O8'],
    1,
    ROUTE,
    "return side === 'from' ? change : { ...change, side };",
    'return change;',
  ),
  pairBug(
    'only one side is listened to',
    ['O1', 'O7', 'O8'],
    1,
    ROUTE,
    "return bidirectional ? SIDES : ['from'];",
    "return bidirectional ? ['from'] : ['from'];",
  ),
  pairBug(
    'deletes are carried where the route carries none',
    ['O10'],
    1,
    PLAN_PAIR,
    "(moves[side].kind === 'gone' && rules.deletes)",
    "moves[side].kind === 'gone'",
  ),
  // ── what etags and checksums cannot tell ──
  pairBug(
    'equal objects that both sides held at first are called a conflict',
    ['O8'],
    2990,
    PLAN_PAIR,
    'isUnclear(look, judged.base, moves) && couldBeSame(from.sight, to.sight)',
    'isUnclear(look, judged.base, moves) && from.sight === to.sight',
  ),
  pairBug(
    'what was read and found to differ is taken for equal',
    ['O1', 'O8'],
    1,
    PLAN_PAIR,
    'if (look.sameBytes) return',
    'if (look.sameBytes !== undefined) return',
  ),
];

function pairBug(...planted: Parameters<typeof bug>): PlantedBug {
  return inPairs(bug(...planted));
}

function inPairs(planted: PlantedBug): PlantedBug {
  return { ...planted, bidirectional: true };
}
