/** What a schedule is about, as plain data: it can be printed, and shrunk. */
import { Random } from './random.ts';

export type UserOp =
  | { readonly do: 'put'; readonly at: number; readonly key: string; readonly label: string; readonly meta: string; readonly tags: string }
  | { readonly do: 'delete'; readonly at: number; readonly key: string }
  | { readonly do: 'meta'; readonly at: number; readonly key: string; readonly meta: string }
  | { readonly do: 'tags'; readonly at: number; readonly key: string; readonly tags: string }
  /** The application's own event through the API, about an etag of its own choice. */
  | { readonly do: 'ingest'; readonly at: number; readonly key: string; readonly op: 'PUT' | 'DELETE' }
  | { readonly do: 'run'; readonly at: number }
  /** A backfill lists both sides, and asks for looks that may come much later. */
  | { readonly do: 'list'; readonly at: number; readonly mode: 'missing' | 'all' }
  /** The source bucket (or folder) is gone for a while. */
  | { readonly do: 'unmount'; readonly at: number; readonly forMs: number };

export interface Faults {
  /** Per request: it never arrives; its answer is lost; it is refused with "slow down". */
  readonly drop: number;
  readonly lost: number;
  readonly throttle: number;
  /** Per request: the worker gets a time-out, and the request lands later all the same. */
  readonly late: number;
  /** The same of requests that change the destination alone: few are, and what looks again afterwards is there for them. */
  readonly lateWrite: number;
  /** Per await: the worker dies; it sleeps for minutes and then goes on. */
  readonly crash: number;
  readonly stall: number;
  /** Per event: told twice; told minutes later; never told (a reconcile must find it). */
  readonly duplicate: number;
  readonly delay: number;
  readonly loseEvent: number;
  /** Clocks of workers are off by up to this, ms. */
  readonly skewMs: number;
}

export interface Scenario {
  readonly seed: number;
  readonly store: {
    readonly versioned: boolean;
    readonly serverSide: boolean;
    readonly conditionalCopy: boolean;
    readonly conditionalPut: boolean;
    readonly conditionalDelete: boolean;
    /** A server-side copy reads its source in one moment and writes in a later one. */
    readonly slowCopy: boolean;
    /** Objects are large: copied by parts. */
    readonly large: boolean;
  };
  readonly workers: number;
  readonly batch: number;
  /** Of a lease, ms. */
  readonly leaseMs: number;
  /** Writes of this key are refused at the destination for ever. */
  readonly poison: boolean;
  /** Someone else put an object of the first key at the destination: nobody but its user may have it deleted. */
  readonly foreign: boolean;
  readonly user: readonly UserOp[];
  /** An operator pauses the route, and resumes it later, ms. */
  readonly pauses: readonly { readonly at: number; readonly forMs: number }[];
  readonly faults: Faults;
}

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
  const overtakes = slowCopy ? makeOvertakes(seed, span) : null;
  user.push(...(overtakes?.puts ?? []));
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
  };
  return overtakes?.punctual ? { ...scenario, ...punctual(scenario) } : scenario;
}

/** Writes that follow each other while a slow copy is under way, by a chance of their own; half of them where nothing is late. */
function makeOvertakes(seed: number, span: number): { readonly puts: readonly UserOp[]; readonly punctual: boolean } | null {
  const random = new Random(seed + 0x0ce);
  if (random.chance(0.4)) return null;
  const start = random.between(0, span);
  const put = { do: 'put', key: 'a', tags: '' } as const;
  const puts = Array.from({ length: random.between(3, 5) }, (): UserOp => {
    return { ...put, at: start + random.between(0, 6_000), label: random.pick(LABELS), meta: random.pick(METAS) };
  });
  return { puts, punctual: random.chance(0.5) };
}

/** As isStrict wants it. */
function punctual({ faults }: Scenario): Pick<Scenario, 'leaseMs' | 'faults'> {
  return { leaseMs: LONG_LEASE_MS, faults: { ...faults, late: 0, lateWrite: 0, skewMs: 0 } };
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
  for (const name of Object.keys(scenario.faults) as (keyof Faults)[]) {
    if (scenario.faults[name] !== 0) yield { ...scenario, faults: { ...scenario.faults, [name]: 0 } };
  }
  if (scenario.workers > 1) yield { ...scenario, workers: scenario.workers - 1 };
  if (scenario.poison) yield { ...scenario, poison: false };
  if (scenario.foreign) yield { ...scenario, foreign: false };
}
