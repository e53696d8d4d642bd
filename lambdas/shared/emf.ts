/** Metrics of CloudWatch as lines of the log (its embedded metric format): no request, and no wait for one. */

export type Unit = 'Count' | 'Bytes' | 'Seconds';

export interface EmfMetric {
  readonly unit: Unit;
  /** Many of one metric: 100 at most. */
  readonly value: number | readonly number[];
}

export interface EmfLine {
  /** ms since the epoch. */
  readonly at: number;
  /** Of few values: each combination is a metric that is paid for. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** Which of them tell metrics apart; each list makes metrics of its own. @default all of them, once */
  readonly sets?: readonly (readonly string[])[];
  readonly metrics: Readonly<Record<string, EmfMetric>>;
}

export const NAMESPACE = 'Tidemark';
/** The format's own limit. */
export const MOST_VALUES = 100;

/** One line of JSON, without its end. */
export function emfLine({ at, dimensions, sets = [Object.keys(dimensions)], metrics }: EmfLine): string {
  const entries = Object.entries(metrics);
  return JSON.stringify({
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: sets, Metrics: entries.map(([Name, { unit }]) => ({ Name, Unit: unit })) }],
    },
    ...dimensions,
    ...Object.fromEntries(entries.map(([name, { value }]) => [name, value])),
  });
}

/** Past the console, which Lambda makes lines of its own of. */
export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
