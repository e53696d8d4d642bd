/** Draws what a schedule of the gateway is about, as plain data: it can be printed, and shrunk. */
import { Random } from '../random.ts';
import type { Standing } from './process.ts';

export const REGIONS = ['east', 'west'] as const;
export type Region = (typeof REGIONS)[number];
export type Place = Region | 'control' | 'audit';

/** How a place that is down behaves. */
export type Outage = 'refuses' | 'hangs' | 'fails' | 'slow';

export interface GatewayFaults {
  /** Per request: it never arrives; its answer is lost; it lands after its sender gave up; its sender dies. */
  readonly drop: number;
  readonly lost: number;
  readonly late: number;
  readonly crash: number;
  /** Per probe: it tells the opposite. */
  readonly lie: number;
}

export type GatewayOp =
  | { readonly do: 'write'; readonly at: number; readonly gateway: number; readonly key: string; readonly takesMs: number; readonly remove?: true }
  | { readonly do: 'read'; readonly at: number; readonly gateway: number; readonly key: string; readonly repair: boolean }
  | { readonly do: 'promote'; readonly at: number; readonly gateway: number; readonly region?: Region; readonly force?: true }
  | { readonly do: 'failback'; readonly at: number; readonly gateway: number; readonly force?: true }
  | { readonly do: 'outage'; readonly at: number; readonly place: Place; readonly forMs: number; readonly kind: Outage }
  /** Of the gateways first, then the observers, by their places in the list. */
  | { readonly do: 'cut'; readonly at: number; readonly process: number; readonly place: Place; readonly forMs: number }
  | { readonly do: 'freeze'; readonly at: number; readonly process: number; readonly forMs: number }
  | { readonly do: 'set'; readonly at: number; readonly process: number; readonly byMs: number }
  | { readonly do: 'kill'; readonly at: number; readonly process: number };

export interface GatewayScenario {
  readonly seed: number;
  readonly mode: 'auto' | 'manual';
  /** Of each process, as it is configured. */
  readonly leasesMs: readonly number[];
  readonly gateways: number;
  /** Where each observer runs. */
  readonly observers: readonly (Region | null)[];
  readonly clocks: readonly { readonly rate: number; readonly skewMs: number; readonly stands: Standing }[];
  /** How far a region's clock is off, ms. */
  readonly skews: Readonly<Record<Region, number>>;
  readonly ops: readonly GatewayOp[];
  readonly faults: GatewayFaults;
  readonly faultsForMs: number;
  /** What is down for good when faults end. */
  readonly lost: Region | null;
}

export const NO_FAULTS: GatewayFaults = { drop: 0, lost: 0, late: 0, crash: 0, lie: 0 };

const HOURS_MS = 3_600_000;
const KEYS = ['a', 'b'] as const;

export function makeGatewayScenario(seed: number): GatewayScenario {
  const random = new Random(seed);
  const gateways = random.between(2, 3);
  const observers = random.pick<readonly (Region | null)[]>([[null], [null, null], ['east', 'west']]);
  const processes = gateways + observers.length;
  const faultsForMs = random.pick([40_000, 90_000, 90_000, 200_000, 500_000]);
  const lease = random.pick([5_000, 10_000, 10_000, 30_000]);
  const mixed = random.chance(0.4);
  const mode = random.chance(0.85) ? 'auto' : 'manual';
  return {
    seed,
    mode,
    leasesMs: Array.from({ length: processes }, () => (mixed ? random.pick([5_000, 30_000]) : lease)),
    gateways,
    observers,
    clocks: Array.from({ length: processes }, () => clockOf(random)),
    skews: { east: skewOf(random), west: skewOf(random) },
    ops: [...opsOf(random, gateways, processes, faultsForMs), ...closeCalls(random, gateways, faultsForMs)].sort((a, b) => a.at - b.at),
    faults: faultsOf(random),
    faultsForMs,
    // Where only people switch, and nobody does, writes need the region that is active.
    lost: mode === 'manual' ? null : random.pick([null, null, null, 'east', 'west']),
  };
}

function clockOf(random: Random): GatewayScenario['clocks'][number] {
  const skewMs = random.pick([0, 0, -5 * HOURS_MS, 3 * HOURS_MS, 400]);
  return { rate: random.pick([1, 0.99, 1.01, 0.995]), skewMs, stands: random.pick(['none', 'wall', 'monotonic', 'monotonic']) };
}

function skewOf(random: Random): number {
  return random.chance(0.7) ? 0 : random.between(-1_000, 1_000);
}

function opsOf(random: Random, gateways: number, processes: number, span: number): GatewayOp[] {
  const at = (): number => random.between(0, span);
  const gateway = (): number => random.between(0, gateways - 1);
  const many = (most: number, make: () => GatewayOp): GatewayOp[] => Array.from({ length: random.between(0, most) }, make);
  const process = (): number => random.between(0, processes - 1);
  const forMs = (): number => random.pick([3_000, 12_000, 40_000, 70_000, 150_000]);
  const remove = (): { readonly remove?: true } => (random.chance(0.3) ? { remove: true } : {});
  return [
    ...many(14, () => ({
      do: 'write',
      at: at(),
      gateway: gateway(),
      key: random.pick(KEYS),
      takesMs: random.pick([0, 0, 500, 8_000, 25_000]),
      ...remove(),
    })),
    ...many(6, () => ({ do: 'read', at: at(), gateway: gateway(), key: random.pick(KEYS), repair: random.chance(0.6) })),
    ...many(2, () => outageOf(random, at(), forMs())),
    ...many(1, () => outageOf(random, at(), 100_000)),
    ...many(2, () => ({
      do: 'cut',
      at: at(),
      process: process(),
      place: random.pick(['control', 'control', 'east', 'west', 'audit']),
      forMs: forMs(),
    })),
    ...many(2, () => ({
      do: 'freeze',
      at: at(),
      process: process(),
      forMs: forMs(),
      stands: random.pick(['none', 'wall', 'monotonic', 'monotonic']),
    })),
    ...many(1, () => ({ do: 'kill', at: at(), process: process() })),
    ...(random.chance(0.5) ? asked(random, at, gateway) : []),
  ];
}

/** What matters happens around a switch: writes that are under way, another switch, a process that cannot see it, a clock that is set. */
function closeCalls(random: Random, gateways: number, span: number): GatewayOp[] {
  if (random.chance(0.4)) return [];
  const at = random.between(5_000, span);
  const near = (before: number, after: number): number => Math.max(0, at + random.between(-before, after));
  const gateway = (): number => random.between(0, gateways - 1);
  const takesMs = (): number => random.pick([0, 0, 3_000, 9_000, 12_000]);
  const writes = Array.from(
    { length: 6 },
    (): GatewayOp => ({ do: 'write', at: near(9_000, 30_000), gateway: gateway(), key: random.pick(KEYS), takesMs: takesMs() }),
  );
  const switches = Array.from(
    { length: random.between(1, 3) },
    (): GatewayOp => ({ do: 'promote', at: near(0, random.pick([50, 12_000])), gateway: gateway() }),
  );
  const blind: GatewayOp[] = random.chance(0.6) ? [{ do: 'cut', at: near(3_000, 0), process: gateway(), place: 'control', forMs: 40_000 }] : [];
  const set: GatewayOp[] = random.chance(0.5) ? [{ do: 'set', at: near(0, 4_000), process: gateway(), byMs: 60_000 }] : [];
  return [...writes, ...switches, ...blind, ...set];
}

function outageOf(random: Random, at: number, forMs: number): GatewayOp {
  const place = random.pick<Place>(['east', 'east', 'west', 'control']);
  return { do: 'outage', at, place, forMs, kind: random.pick(['refuses', 'hangs', 'fails', 'slow']) };
}

function asked(random: Random, at: () => number, gateway: () => number): GatewayOp[] {
  return Array.from({ length: random.between(1, 3) }, (): GatewayOp => {
    const kind = random.next();
    if (kind < 0.3) return { do: 'failback', at: at(), gateway: gateway(), ...(random.chance(0.4) ? { force: true } : {}) };
    if (kind < 0.6) return { do: 'promote', at: at(), gateway: gateway() };
    return { do: 'promote', at: at(), gateway: gateway(), region: random.pick(REGIONS), ...(random.chance(0.5) ? { force: true } : {}) };
  });
}

function faultsOf(random: Random): GatewayFaults {
  if (random.chance(0.2)) return NO_FAULTS;
  const some = (most: number): number => (random.chance(0.4) ? random.next() * most : 0);
  return { drop: some(0.1), lost: some(0.2), late: some(0.1), crash: some(0.02), lie: some(0.3) };
}

export function* smallerGateways(scenario: GatewayScenario): Generator<GatewayScenario> {
  for (let i = scenario.ops.length - 1; i >= 0; i--) yield { ...scenario, ops: scenario.ops.filter((_, index) => index !== i) };
  for (const name of Object.keys(scenario.faults) as (keyof GatewayFaults)[]) {
    if (scenario.faults[name] !== 0) yield { ...scenario, faults: { ...scenario.faults, [name]: 0 } };
  }
  if (scenario.lost !== null) yield { ...scenario, lost: null };
  const honest = scenario.clocks.map(({ stands }) => ({ rate: 1, skewMs: 0, stands }));
  if (scenario.clocks.some(({ rate, skewMs }) => rate !== 1 || skewMs !== 0)) yield { ...scenario, clocks: honest };
}
