/** Defects of the gateway's failover that the simulator must find. */
import { bug, type PlantedBug } from './planted-bug.ts';

const CONTROL = 'lib/core/gateway/control.ts';
const LEASE = 'lib/core/gateway/lease.ts';
const OBSERVER = 'lib/core/gateway/observer.ts';
const DECIDE = 'lib/core/gateway/decide.ts';
const AUTHORITY = 'lib/usecases/gateway/authority.ts';
const SWITCH = 'lib/usecases/gateway/make-switch.ts';
const PROBE = 'lib/usecases/gateway/probe-round.ts';
const PROMOTE = 'lib/usecases/gateway/promote.ts';
const STORES = 'test/simulation/gateway/stores.ts';
const PAIR = 'test/simulation/gateway/pair.ts';

const MONOTONIC = 'now.monotonic - since.monotonic);';
const AT_MOST = `return Math.max(now.wall - since.wall, ${MONOTONIC}`;

export const GATEWAY_BUGS: readonly PlantedBug[] = [
  // ── leases and epochs ──
  gatewayBug(
    'a write knows no epoch',
    ['G1', 'G4'],
    30,
    AUTHORITY,
    'return known?.record.epoch === epoch && mayWrite(',
    'return known !== null && mayWrite(',
  ),
  gatewayBug(
    'the cached active region never expires',
    ['G1', 'G4'],
    1,
    LEASE,
    'return reading.record.open && leaseLeft(reading, now) > 0;',
    'return reading.record.open;',
  ),
  gatewayBug(
    'a lease counts from the end of the reading',
    ['G4'],
    33,
    AUTHORITY,
    '.then((record) => {\n      this.learn(record, at);',
    '.then((record) => {\n      this.learn(record, this.now());',
  ),
  gatewayBug('a lease is measured by the monotonic clock alone', ['G1', 'G4'], 84, LEASE, AT_MOST, `return Math.max(0, ${MONOTONIC}`),
  gatewayBug('a lease is measured by the wall clock alone', ['G1', 'G4'], 20, LEASE, AT_MOST, 'return now.wall - since.wall;'),
  gatewayBug('an epoch is open at once', ['G1'], 1, CONTROL, 'active: to, open: false', 'active: to, open: true'),
  gatewayBug('writes are opened too early', ['G1'], 214, LEASE, 'closedMs * MARGIN -', 'closedMs * 0.5 -'),
  gatewayBug(
    'whoever opens counts by the wall clock',
    ['G1'],
    325,
    LEASE,
    'return now.monotonic - since.monotonic;',
    'return Math.max(now.wall - since.wall, now.monotonic - since.monotonic);',
  ),
  gatewayBug('the lease of an epoch before the last is forgotten', ['G1'], 2594, CONTROL, 'record.open ? 0 : record.closedMs);', '0);'),
  gatewayBug(
    'an epoch is closed for as long as its maker is configured',
    ['G1'],
    582,
    CONTROL,
    'Math.max(record.leaseMs, record.open ? 0 : record.closedMs)',
    'leaseMs',
  ),

  // ── the switch ──
  gatewayBug(
    'a switch is a read and then a write',
    ['G1', 'G2', 'G3'],
    22,
    SWITCH,
    'if (await control.swap(next, record.version)) {',
    'const there = (await control.read())?.version ?? 0;\n      if (await control.swap({ ...next, version: there + 1 }, there)) {',
  ),
  gatewayBug(
    'the control store compares no version',
    ['G1', 'G2', 'G3'],
    1,
    STORES,
    'if ((this.#shared.record?.version ?? 0) !== expected) return false;\n',
    '',
  ),
  gatewayBug(
    'a lost answer doubles the switch',
    ['G5', 'G6'],
    96,
    SWITCH,
    'if (record.switches.some((made) => made.intent === intent)) return { made: true, record: await tellOutcomes(authority, record) };\n    if (record.epoch !== before.epoch) {',
    'if (tries === TRIES) {',
  ),
  gatewayBug(
    'the audit trail is told after the switch',
    ['G10'],
    1,
    SWITCH,
    'const { sequence: intent } = await audit.append(',
    'const intent = 1_000_000 + before.version;\n  if (before.epoch === 0) await audit.append(',
  ),
  gatewayBug('what came of a switch is told by its maker alone', ['G10'], 1, PROBE, '(await tellOutcomes(authority, record))', 'record'),

  // ── observers ──
  gatewayBug(
    'the counter of failures is not reset by an answer',
    ['G6'],
    1,
    OBSERVER,
    'function answered({ answers, doubted }: RegionCounters): RegionCounters {\n  return { failures: 0,',
    'function answered({ answers, doubted, failures }: RegionCounters): RegionCounters {\n  return { failures,',
  ),
  gatewayBug('an observer condemns the region that it runs in', ['G6'], 1, OBSERVER, 'return state.sits !== region && ', 'return '),
  gatewayBug('manual mode switches', ['G6'], 142, DECIDE, "if (mode === 'manual') return", "if (mode === 'manual' && state.rounds < 0) return"),
  gatewayBug(
    'a dead region is promoted',
    ['G7'],
    50,
    DECIDE,
    'if (!isFit(state, other)) return',
    'if (!isFit(state, other) && state.rounds < 0) return',
  ),
  gatewayBug(
    'a region that answered once is fit again',
    ['G7'],
    50,
    OBSERVER,
    'return answers > 0 && !doubted;',
    'return answers > 0 && doubted !== null;',
  ),
  gatewayBug('a person promotes a dead region without forcing it', ['G7'], 1, PROMOTE, 'if (!force) await refuseUnfit(deps, to);', ''),
  gatewayBug('an observer does not rest', ['G8'], 18, DECIDE, 'rounds <= REST_ROUNDS', 'rounds <= 0'),

  // ── readers, liveness ──
  gatewayBug(
    'a reader waits for the control record',
    ['G9'],
    1,
    AUTHORITY,
    "await within(this.deps.clock, READER_WAITS_MS, 'control record', () => asked).catch(() => undefined);",
    'await asked;',
  ),
  gatewayBug('nobody opens the writes', ['G11'], 1, AUTHORITY, 'if (this.opensInMs() !== 0) return;', 'if (this.opensInMs() !== -1) return;'),

  // ── what stands in for the replication ──
  gatewayBug(
    'a repair resurrects',
    ['G12'],
    720,
    PAIR,
    '    this.look(key);\n  }\n\n  /** When all',
    '    const found = this.#held[_from].get(key);\n    if (found) this.#held[_to].set(key, found);\n  }\n\n  /** When all',
  ),
  gatewayBug('a failback overwrites', ['G12'], 1, PAIR, 'if (east && (!west || isNewer(east, west)))', 'if (east)'),
];

function gatewayBug(...planted: Parameters<typeof bug>): PlantedBug {
  return { ...bug(...planted), gateway: true };
}
