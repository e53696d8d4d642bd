/** Draws what a schedule of the log is about, as plain data: it can be printed, and shrunk. */

import { Random } from '../random.ts';

export interface LogFaults {
  /** Per request: it never arrives; its answer is lost; it lands after its sender gave up; its sender dies. */
  readonly drop: number;
  readonly lost: number;
  readonly late: number;
  readonly crash: number;
}

/** A subscriber reads. */
export interface ReadOp {
  readonly stream: string;
  readonly subscriber: string;
  /** Instead of the checkpoint: what was stored so long ago, ms. */
  readonly since?: number;
  readonly followMs?: number;
  readonly batchSize: number;
  readonly collections?: readonly string[];
}

export type LogOp =
  /** A client sends `count` events through a process, and again until it is told that they are there. */
  | { readonly do: 'send'; readonly at: number; readonly process: number; readonly stream: string; readonly count: number; readonly again: boolean }
  | { readonly do: 'freeze'; readonly at: number; readonly process: number; readonly forMs: number }
  | { readonly do: 'kill'; readonly at: number; readonly process: number }
  | { readonly do: 'outage'; readonly at: number; readonly forMs: number }
  | { readonly do: 'retain'; readonly at: number }
  | { readonly do: 'read'; readonly at: number; readonly process: number; readonly reading: ReadOp };

export interface LogScenario {
  readonly seed: number;
  readonly clocks: readonly { readonly rate: number; readonly skewMs: number }[];
  /** How many ids an appender remembers at least. */
  readonly window: number;
  readonly ops: readonly LogOp[];
  readonly faults: LogFaults;
  readonly faultsForMs: number;
}

export const NO_FAULTS: LogFaults = { drop: 0, lost: 0, late: 0, crash: 0 };

const HOUR_MS = 3_600_000;

export function makeLogScenario(seed: number): LogScenario {
  const random = new Random(seed);
  const processes = random.between(2, 4);
  const spanMs = random.pick([300, 3_000, 20_000, 90_000, 3 * HOUR_MS, 3 * HOUR_MS]);
  const streams = random.chance(0.7) ? ['s'] : ['s', 't'];
  return {
    seed,
    clocks: Array.from({ length: processes }, () => ({
      rate: 1 + random.pick([0, 0, 0.01, -0.01]) * random.next(),
      skewMs: random.pick([0, 0, 1_000, -1_000, 290_000, -290_000]),
    })),
    window: random.pick([1, 2, 3, 5, 8, 1_000]),
    ops: opsOf(random, processes, spanMs, streams).sort((a, b) => a.at - b.at),
    faults: faultsOf(random),
    faultsForMs: spanMs + 2_100,
  };
}

function opsOf(random: Random, processes: number, spanMs: number, streams: readonly string[]): LogOp[] {
  // What matters happens close to each other: around a few moments of the span.
  const moments = Array.from({ length: random.between(1, 5) }, () => random.between(0, spanMs));
  const at = (): number => Math.max(0, random.pick(moments) + random.between(0, random.pick([5, 50, 2_000])));
  const process = (): number => random.between(0, processes - 1);
  const many = (most: number, make: () => LogOp): LogOp[] => Array.from({ length: random.between(0, most) }, make);
  return [
    ...Array.from(
      { length: random.between(2, 14) },
      (): LogOp => ({
        do: 'send',
        at: at(),
        process: process(),
        stream: random.pick(streams),
        count: random.pick([1, 1, 2, 3, 7]),
        again: random.chance(0.2),
      }),
    ),
    ...many(2, () => ({ do: 'freeze', at: at(), process: process(), forMs: random.pick([100, 5_000, 70_000, 2 * HOUR_MS]) })),
    ...many(2, () => ({ do: 'kill', at: at(), process: process() })),
    ...many(1, () => ({ do: 'outage', at: at(), forMs: random.pick([50, 5_000, 15_000]) })),
    ...many(4, () => ({
      do: 'read',
      at: random.chance(0.5) ? at() : random.between(0, spanMs),
      process: process(),
      reading: readingOf(random, spanMs, random.pick(streams)),
    })),
    ...many(4, () => ({ do: 'retain', at: random.chance(0.5) ? at() : random.between(0, spanMs) })),
  ];
}

function readingOf(random: Random, spanMs: number, stream: string): ReadOp {
  const kind = random.next();
  return {
    stream,
    subscriber: random.pick(['r', 'r', 'q']),
    batchSize: random.pick([1, 2, 3, 100]),
    ...(kind < 0.4 ? { since: random.between(0, spanMs) } : kind < 0.6 ? { followMs: random.pick([1_000, 4_000]) } : {}),
    ...(kind >= 0.4 && random.chance(0.4) ? { collections: ['even'] } : {}),
  };
}

function faultsOf(random: Random): LogFaults {
  if (random.chance(0.15)) return NO_FAULTS;
  const some = (most: number): number => (random.chance(0.5) ? random.next() * most : 0);
  return { drop: some(0.15), lost: some(0.4), late: some(0.25), crash: some(0.05) };
}

export function* smallerLogs(scenario: LogScenario): Generator<LogScenario> {
  for (let i = scenario.ops.length - 1; i >= 0; i--) yield { ...scenario, ops: scenario.ops.filter((_, index) => index !== i) };
  for (const name of Object.keys(scenario.faults) as (keyof LogFaults)[]) {
    if (scenario.faults[name] !== 0) yield { ...scenario, faults: { ...scenario.faults, [name]: 0 } };
  }
  const honest = scenario.clocks.map(() => ({ rate: 1, skewMs: 0 }));
  if (scenario.clocks.some(({ rate, skewMs }) => rate !== 1 || skewMs !== 0)) yield { ...scenario, clocks: honest };
}
