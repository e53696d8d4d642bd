/** Draws what a schedule is about. */
import { withCloseCalls } from './close-calls.ts';
import { Random } from './random.ts';
import type { Faults, Scenario, UserOp } from './scenario-shape.ts';

export const CALM: Faults = {
  drop: 0,
  lost: 0,
  throttle: 0,
  late: 0,
  lateWrite: 0,
  crash: 0,
  stall: 0,
  duplicate: 0,
  delay: 0,
  loseEvent: 0,
  skewMs: 0,
};

/**
 * Requests land within a lease's margin and clocks agree: then nothing stale may be seen at the destination even for a moment, but by the
 * first copy of a key on a store that copies slowly.
 */
export function isStrict({ faults, leaseMs }: Scenario): boolean {
  return faults.late === 0 && faults.lateWrite === 0 && faults.skewMs === 0 && leaseMs === LONG_LEASE_MS;
}

/** Its margin is longer than the slowest answer. */
const LONG_LEASE_MS = 60_000;

const LABELS = ['x', 'y'] as const;
const METAS = ['m', 'n'] as const;
const TAGS = ['', 't', 'u'] as const;

export function makeScenario(seed: number): Scenario {
  const random = new Random(seed);
  const keys = ['a', 'b'].slice(0, random.chance(0.75) ? 1 : 2);
  const serverSide = random.chance(0.6);
  const aws = random.chance(0.4);
  const span = random.pick([200, 3_000, 60_000, 240_000]);
  const user: UserOp[] = [];
  const count = random.between(2, 8);
  for (let i = 0; i < count; i++) user.push(userOp(random, random.pick(keys), random.between(0, span)));
  if (random.chance(0.15)) user.push({ do: 'unmount', at: random.between(0, span), forMs: random.pick([1_000, 20_000, 150_000, 900_000]) });
  if (random.chance(0.25)) user.push({ do: 'run', at: random.between(0, span) });
  user.push(...makeLists(seed, span));
  const slowCopy = serverSide && !aws && new Random(seed + 0x510).chance(0.4);
  const scenario: Scenario = {
    seed,
    store: {
      versioned: random.chance(0.5),
      serverSide,
      conditionalCopy: aws,
      conditionalPut: aws || random.chance(0.5),
      conditionalDelete: aws || random.chance(0.3),
      large: serverSide && random.chance(0.3),
      slowCopy,
    },
    workers: random.between(1, 3),
    batch: random.pick([1, 2, 10]),
    leaseMs: random.pick([LONG_LEASE_MS, LONG_LEASE_MS, 15_000]),
    poison: random.chance(0.05),
    user: user.sort((a, b) => a.at - b.at),
    faults: makeFaults(random),
    foreign: random.chance(0.1),
    pauses: makePauses(seed, span),
    damages: makeDamages(seed, keys, span),
  };
  return withCloseCalls(scenario, span);
}

/** By a chance of its own, so that what else a seed holds does not change with it. */
function makePauses(seed: number, span: number): Scenario['pauses'] {
  const random = new Random(seed + 0x5eed);
  if (random.chance(0.75)) return [];
  return Array.from({ length: random.between(1, 2) }, () => ({ at: random.between(0, span), forMs: random.pick([1_000, 20_000, 150_000, 400_000]) }));
}

/** By a chance of its own as well. */
function makeLists(seed: number, span: number): UserOp[] {
  const random = new Random(seed + 0x1157);
  if (random.chance(0.7)) return [];
  return Array.from({ length: random.between(1, 3) }, () => ({ do: 'list', at: random.between(0, span), mode: random.pick(['missing', 'all']) }));
}

/** And by a chance of its own. */
function makeDamages(seed: number, keys: readonly string[], span: number): Scenario['damages'] {
  const random = new Random(seed + 0xdecaf);
  if (random.chance(0.85)) return [];
  return Array.from({ length: random.between(1, 2) }, () => {
    const at = random.between(0, span + 60_000);
    return { at, key: random.pick(keys), repairAt: at + random.pick([1_000, 20_000, 150_000]) };
  });
}

function userOp(random: Random, key: string, at: number): UserOp {
  const kind = random.next();
  if (kind < 0.45) return { do: 'put', at, key, label: random.pick(LABELS), meta: random.pick(METAS), tags: random.pick(TAGS) };
  if (kind < 0.75) return { do: 'delete', at, key };
  if (kind < 0.83) return { do: 'meta', at, key, meta: random.pick(METAS) };
  if (kind < 0.91) return { do: 'tags', at, key, tags: random.pick(TAGS) };
  return { do: 'ingest', at, key, op: random.pick(['PUT', 'DELETE']) };
}

export function makeFaults(random: Random): Faults {
  if (random.chance(0.15)) return CALM;
  const some = (most: number): number => (random.chance(0.4) ? random.next() * most : 0);
  return {
    drop: some(0.1),
    lost: some(0.1),
    throttle: some(0.1),
    late: some(0.15),
    lateWrite: random.chance(0.35) ? random.next() : 0,
    crash: some(0.08),
    stall: some(0.06),
    duplicate: some(0.5),
    delay: some(0.4),
    loseEvent: some(0.2),
    skewMs: random.chance(0.3) ? random.between(1, 30_000) : 0,
  };
}

export function* smallerThan(scenario: Scenario): Generator<Scenario> {
  for (let i = scenario.user.length - 1; i >= 0; i--) yield { ...scenario, user: scenario.user.filter((_, index) => index !== i) };
  if (scenario.pauses.length > 0) yield { ...scenario, pauses: scenario.pauses.slice(1) };
  if (scenario.damages.length > 0) yield { ...scenario, damages: scenario.damages.slice(1) };
  for (const name of Object.keys(scenario.faults) as (keyof Faults)[]) {
    if (scenario.faults[name] !== 0) yield { ...scenario, faults: { ...scenario.faults, [name]: 0 } };
  }
  if (scenario.workers > 1) yield { ...scenario, workers: scenario.workers - 1 };
  if (scenario.poison) yield { ...scenario, poison: false };
  if (scenario.foreign) yield { ...scenario, foreign: false };
}
