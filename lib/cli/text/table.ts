/** Rows as a table that fits the width it is given. Pure. */
import { cutEnd, cutMiddle, visible, widthOf } from './visible.ts';

export interface Column {
  readonly title: string;
  /** @default left */
  readonly align?: 'right';
  /** How it gives way where there is no room; a column without it is never cut. */
  readonly cut?: 'middle' | 'end';
}

const GAP = '  ';
/** Less tells nothing any more. */
const LEAST = 8;

/**
 * @param width columns of the terminal; Infinity where there is none, and nothing is cut
 * @returns lines, each with its end; the titles alone where there is no row. Where even what may give way leaves no room, each row is a block:
 * a line that wraps can no longer be read as one of a table
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const cells = rows.map((row) => columns.map((_, index) => visible(row[index] ?? '')));
  const natural = columns.map(({ title }, index) => Math.max(widthOf(title), ...cells.map((row) => widthOf(row[index] ?? ''))));
  const widths = fitted(columns, natural, width);
  if (totalOf(widths) > width && rows.length > 0) return blocks(columns, cells, width);
  const lines = [columns.map(({ title }) => title), ...cells].map((row) => line(columns, row, widths));
  return lines.map((each) => `${each}\n`).join('');
}

/** The widest that may give way does so first, until all fit or none can. */
function fitted(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  while (totalOf(widths) > width) {
    const yielding = columns.flatMap(({ cut }, index) => (cut && (widths[index] ?? 0) > LEAST ? [index] : []));
    const widest = yielding.reduce<number | undefined>(
      (most, index) => (most === undefined || (widths[index] ?? 0) > (widths[most] ?? 0) ? index : most),
      undefined,
    );
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
}

/** A line for each cell that holds anything. */
function blocks(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const label = Math.max(...columns.map(({ title }) => widthOf(title))) + GAP.length;
  const block = (row: readonly string[]): string =>
    columns
      .flatMap(({ title, cut }, index) => {
        const text = shortened(row[index] ?? '', cut, Math.max(LEAST, width - label));
        return text === '' ? [] : [`${title.padEnd(label)}${text}\n`];
      })
      .join('');
  return rows.map(block).join('\n');
}

function shortened(text: string, cut: Column['cut'], width: number): string {
  if (cut === undefined) return text;
  return cut === 'middle' ? cutMiddle(text, width) : cutEnd(text, width);
}

function line(columns: readonly Column[], row: readonly string[], widths: readonly number[]): string {
  const padded = columns.map(({ align, cut }, index) => {
    const width = widths[index] ?? 0;
    const full = row[index] ?? '';
    const text = shortened(full, cut, width);
    const space = ' '.repeat(Math.max(0, width - widthOf(text)));
    return align === 'right' ? space + text : text + space;
  });
  return padded.join(GAP).trimEnd();
}
