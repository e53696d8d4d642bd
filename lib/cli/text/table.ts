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
/** Less tells nothing any more: rather a line that wraps. */
const LEAST = 8;

/** @param width columns of the terminal; Infinity where there is none, and nothing is cut @returns lines, each with its end; the titles alone where there is no row */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const cells = rows.map((row) => columns.map((_, index) => visible(row[index] ?? '')));
  const natural = columns.map(({ title }, index) => Math.max(widthOf(title), ...cells.map((row) => widthOf(row[index] ?? ''))));
  const widths = fitted(columns, natural, width);
  const lines = [columns.map(({ title }) => title), ...cells].map((row) => line(columns, row, widths));
  return lines.map((each) => `${each}\n`).join('');
}

/** The widest that may give way does so first, until all fit or none can. */
function fitted(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, each) => sum + each, GAP.length * (columns.length - 1));
  while (total() > width) {
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

function line(columns: readonly Column[], row: readonly string[], widths: readonly number[]): string {
  const padded = columns.map(({ align, cut }, index) => {
    const width = widths[index] ?? 0;
    const full = row[index] ?? '';
    const text = cut === 'middle' ? cutMiddle(full, width) : cut === 'end' ? cutEnd(full, width) : full;
    const space = ' '.repeat(Math.max(0, width - widthOf(text)));
    return align === 'right' ? space + text : text + space;
  });
  return padded.join(GAP).trimEnd();
}
