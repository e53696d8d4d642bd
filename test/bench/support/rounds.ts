import { median, medianOf, type Run } from './result.ts';

export interface Contender {
  readonly name: string;
  run(): Promise<Run>;
}

export type Runs = Readonly<Record<string, readonly Run[]>>;

/** A B C A B C …: drift of the machine meets all contenders alike. */
export async function interleaved(contenders: readonly Contender[], rounds: number, say: (line: string) => void): Promise<Runs> {
  const runs: Record<string, Run[]> = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const { name, run } of contenders) {
      const measured = await run();
      runs[name]?.push(measured);
      say(`  round ${round}/${rounds}  ${name}: ${measured.seconds.toFixed(2)} s`);
    }
  }
  return runs;
}

/** Work done per second, the median over the rounds. @returns null for who did not take part */
export function rate(runs: Runs, name: string, work: number): number | null {
  const own = runs[name];
  return own === undefined || own.length === 0 ? null : median(own.map(({ seconds }) => work / seconds));
}

/** @returns who of `names` did most per second, null where none took part */
export function fastest(runs: Runs, names: readonly string[], work: number): { readonly name: string; readonly rate: number } | null {
  const rates = names.flatMap((name) => {
    const own = rate(runs, name, work);
    return own === null ? [] : [{ name, rate: own }];
  });
  return rates.toSorted((a, b) => b.rate - a.rate)[0] ?? null;
}

export const SMALL_COLUMNS = ['', 'objects/s', 'range', 'CPU ms/object', 'server CPU ms/object', 'peak RSS MiB', 'Tidemark is'] as const;

/** One line a contender; the last column says how Tidemark compares to it. */
export function smallRows(runs: Runs, tidemark: string, objects: number): readonly (readonly string[])[] {
  const ours = rate(runs, tidemark, objects) ?? 0;
  return Object.entries(runs).map(([name, own]) => {
    const rates = own.map(({ seconds }) => objects / seconds);
    const each = (field: 'cpuMs' | 'serverCpuMs'): string => fixed(medianOf(own, field), 3, objects);
    return [
      name,
      whole(median(rates)),
      `${whole(Math.min(...rates))}–${whole(Math.max(...rates))}`,
      each('cpuMs'),
      each('serverCpuMs'),
      fixed(medianOf(own, 'peakRssMib'), 0),
      name === tidemark ? '' : `${(ours / median(rates)).toFixed(2)}x`,
    ];
  });
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

export function fixed(value: number | null, digits: number, per = 1): string {
  return value === null ? '–' : (value / per).toFixed(digits);
}
