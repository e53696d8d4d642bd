/** What a schedule of a bidirectional route is about, as plain data. */
import { Random } from './random.ts';
import { CALM, makeFaults } from './scenario.ts';
import type { Faults } from './scenario-shape.ts';

export const REGIONS = ['east', 'west'] as const;
export type Region = (typeof REGIONS)[number];

export type PairOp =
  | {
      readonly do: 'put';
      readonly at: number;
      readonly in: Region;
      readonly key: string;
      readonly label: string;
      readonly meta: string;
      readonly tags: string;
    }
  | { readonly do: 'delete'; readonly at: number; readonly in: Region; readonly key: string }
  | { readonly do: 'meta'; readonly at: number; readonly in: Region; readonly key: string; readonly meta: string }
  | { readonly do: 'tags'; readonly at: number; readonly in: Region; readonly key: string; readonly tags: string }
  | { readonly do: 'ingest'; readonly at: number; readonly in: Region; readonly key: string; readonly op: 'PUT' | 'DELETE' }
  /** No worker reaches the region for a while; its users do. */
  | { readonly do: 'split'; readonly at: number; readonly in: Region; readonly forMs: number }
  /** The region's bucket is gone for a while. */
  | { readonly do: 'unmount'; readonly at: number; readonly in: Region; readonly forMs: number };

export interface PairScenario {
  readonly seed: number;
  readonly store: {
    readonly versioned: boolean;
    readonly serverSide: boolean;
    readonly conditionalCopy: boolean;
    readonly large: boolean;
    /** West encrypts with a key of its own: its etags are no hashes (trap 44). */
    readonly opaque: boolean;
  };
  /** Each put has bytes of its own: then etags tell all writes apart. */
  readonly unique: boolean;
  /** Absent: the newest wins. */
  readonly prefer?: Region;
  /** Of each store's clock, ms. */
  readonly clocks: Readonly<Record<Region, number>>;
  /** What both buckets held before the route was, told by nobody: equal objects, or others of each region's own. */
  readonly filled: 'no' | 'equal' | 'different';
  /** False: the route carries no deletes. */
  readonly deletes: boolean;
  /** Writes of the first key are refused there, until an operator mends it. */
  readonly poison?: Region;
  readonly workers: number;
  readonly batch: number;
  readonly leaseMs: number;
  readonly user: readonly PairOp[];
  readonly faults: Faults;
}

/** Nothing goes wrong and all clocks agree: then the outcome is known exactly. */
export function isCalm({ faults, clocks, user, poison }: PairScenario): boolean {
  return (
    faults === CALM &&
    poison === undefined &&
    REGIONS.every((region) => clocks[region] === 0) &&
    user.every((op) => op.do !== 'split' && op.do !== 'unmount')
  );
}

const LABELS = ['x', 'y'] as const;
const METAS = ['m', 'n'] as const;
const TAGS = ['', 't', 'u'] as const;
const SPLITS = [1_000, 20_000, 150_000, 600_000] as const;

export function makePairScenario(seed: number): PairScenario {
  const random = new Random(seed);
  const keys = ['a', 'b'].slice(0, random.chance(0.75) ? 1 : 2);
  const serverSide = random.chance(0.5);
  const span = random.pick([200, 3_000, 60_000, 240_000]);
  const faults = makeFaults(random);
  const skewed = faults !== CALM && random.chance(0.3);
  const clock = (): number => (skewed ? random.between(-50_000, 50_000) : 0);
  const prefer = random.chance(0.3) ? random.pick(REGIONS) : undefined;
  return {
    seed,
    store: {
      versioned: random.chance(0.5),
      serverSide,
      conditionalCopy: random.chance(0.5),
      large: serverSide && random.chance(0.25),
      opaque: random.chance(0.3),
    },
    unique: random.chance(0.6),
    ...(prefer === undefined ? {} : { prefer }),
    clocks: { east: clock(), west: clock() },
    ...makeBeginnings(seed),
    workers: random.between(1, 3),
    batch: random.pick([1, 2, 10]),
    leaseMs: random.pick([60_000, 60_000, 15_000]),
    user: (random.chance(0.3) ? failover(random, keys, span) : anywhere(random, keys, span)).sort((a, b) => a.at - b.at),
    faults,
  };
}

/** By a chance of its own, so that what else a seed holds does not change with it. */
function makeBeginnings(seed: number): Pick<PairScenario, 'filled' | 'deletes' | 'poison'> {
  const random = new Random(seed + 0xf111);
  const filled = random.pick(['no', 'no', 'no', 'no', 'equal', 'different'] as const);
  return { filled, deletes: random.chance(0.85), ...(random.chance(0.05) ? { poison: random.pick(REGIONS) } : {}) };
}

/** Users write wherever they are. */
function anywhere(random: Random, keys: readonly string[], span: number): PairOp[] {
  const ops = Array.from({ length: random.between(2, 8) }, () => userOp(random, random.pick(REGIONS), random.pick(keys), random.between(0, span)));
  if (random.chance(0.2)) ops.push({ do: 'split', at: random.between(0, span), in: random.pick(REGIONS), forMs: random.pick(SPLITS) });
  if (random.chance(0.1)) ops.push({ do: 'unmount', at: random.between(0, span), in: random.pick(REGIONS), forMs: random.pick(SPLITS) });
  return ops;
}

/** All in one region until it is cut off, then all in the other, and back when it has returned: what had not crossed meets what came after. */
function failover(random: Random, keys: readonly string[], span: number): PairOp[] {
  const [home, away] = random.chance(0.5) ? REGIONS : (['west', 'east'] as const);
  const burst = (region: Region, from: number): PairOp[] =>
    Array.from({ length: random.between(1, 3) }, () => userOp(random, region, random.pick(keys), from + random.between(0, span)));
  const cut: PairOp = { do: 'split', at: random.between(0, span), in: home, forMs: random.pick(SPLITS) };
  const back = random.chance(0.5) ? burst(home, 2 * span) : [];
  return [...burst(home, 0), cut, ...burst(away, span), ...back];
}

function userOp(random: Random, region: Region, key: string, at: number): PairOp {
  const kind = random.next();
  const about = { at, in: region, key };
  if (kind < 0.5) return { do: 'put', ...about, label: random.pick(LABELS), meta: random.pick(METAS), tags: random.pick(TAGS) };
  if (kind < 0.78) return { do: 'delete', ...about };
  if (kind < 0.85) return { do: 'meta', ...about, meta: random.pick(METAS) };
  if (kind < 0.93) return { do: 'tags', ...about, tags: random.pick(TAGS) };
  return { do: 'ingest', ...about, op: random.pick(['PUT', 'DELETE']) };
}

export function* smallerPairs(scenario: PairScenario): Generator<PairScenario> {
  for (let i = scenario.user.length - 1; i >= 0; i--) yield { ...scenario, user: scenario.user.filter((_, index) => index !== i) };
  for (const name of Object.keys(scenario.faults) as (keyof Faults)[]) {
    if (scenario.faults[name] !== 0) yield { ...scenario, faults: { ...scenario.faults, [name]: 0 } };
  }
  if (REGIONS.some((region) => scenario.clocks[region] !== 0)) yield { ...scenario, clocks: { east: 0, west: 0 } };
  if (scenario.filled !== 'no') yield { ...scenario, filled: 'no' };
  if (!scenario.deletes) yield { ...scenario, deletes: true };
  if (scenario.poison !== undefined) yield withoutPoison(scenario);
  if (scenario.workers > 1) yield { ...scenario, workers: scenario.workers - 1 };
}

function withoutPoison({ poison: _mended, ...scenario }: PairScenario): PairScenario {
  return scenario;
}
