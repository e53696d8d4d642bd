/** What a bench hands back: a table for people, goals to judge by, and everything measured for whoever wants to look closer. */

export const SCALES = ['small', 'full'] as const;
export type Scale = (typeof SCALES)[number];

/** One run of one contender. CPU is user and system time, in ms. */
export interface Run {
  readonly seconds: number;
  readonly cpuMs: number | null;
  /** Of all S3 servers together, meanwhile. */
  readonly serverCpuMs: number | null;
  /** Highest resident memory of the contender's process, MiB. */
  readonly peakRssMib: number | null;
}

export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface BenchResult {
  readonly title: string;
  /** What exactly was done, in a sentence or two. */
  readonly what: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
  readonly notes: readonly string[];
  /** Every run, for the JSON file. */
  readonly runs: Readonly<Record<string, readonly Run[]>>;
  /** Figures that another bench builds on, by name. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface BenchOptions {
  readonly scale: Scale;
  /** Writes CPU profiles of our own processes. */
  readonly profile: boolean;
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  /** Left out unless it is named: it takes long, or much memory. */
  readonly onlyByName?: boolean;
  run(options: BenchOptions): Promise<BenchResult>;
}

/** @throws RangeError for an empty list */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [upper, lower] = [sorted[middle], sorted[sorted.length % 2 === 0 ? middle - 1 : middle]];
  if (upper === undefined || lower === undefined) throw new RangeError('there is no median of nothing');
  return (lower + upper) / 2;
}

/** The median of what could be measured. @returns null where nothing could */
export function medianOf(runs: readonly Run[], field: keyof Run): number | null {
  const values = runs.map((run) => run[field]).filter((value) => value !== null);
  return values.length === 0 ? null : median(values);
}

export function atLeast(what: string, ratio: number | null, goal: number, unit = 'x'): Goal {
  const measured = ratio === null ? 'not measured: no peer is here' : `${ratio.toFixed(2)}${unit}`;
  return { what, goal: `≥ ${goal}${unit}`, measured, met: ratio !== null && ratio >= goal };
}

export function below(what: string, value: number | null, goal: number, unit: string): Goal {
  const measured = value === null ? 'not measured' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
  return { what, goal: `< ${goal} ${unit}`, measured, met: value !== null && value < goal };
}
