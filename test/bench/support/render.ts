import type { BenchResult, Scale } from './result.ts';

export function markdownOf(name: string, scale: Scale, at: Date, result: BenchResult): string {
  const command = `npm run bench -- ${name} --scale ${scale}`;
  return [
    `${result.what} \`${command}\`, ${at.toISOString().slice(0, 10)}.`,
    '',
    ...table(result.columns, result.rows),
    ...(result.goals.length === 0
      ? []
      : [
          '',
          ...table(
            ['goal', 'asked', 'measured', ''],
            result.goals.map(({ what, goal, measured, met }) => [what, goal, measured, met ? 'met' : '**not met**']),
          ),
        ]),
    ...result.notes.flatMap((note) => ['', note]),
  ].join('\n');
}

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)];
}

/** @param marker as `bench:latency`. @returns the document with what lies between its two markers replaced. @throws Error when one is missing */
export function replaceBlock(document: string, marker: string, text: string): string {
  const begin = `<!-- ${marker} -->`;
  const end = `<!-- /${marker} -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document has no block between ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}
