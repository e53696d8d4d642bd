/** One line that says how far long work is. Pure. */
import { cutEnd, widthOf } from './visible.ts';

const CELLS = 24;
/** Fewer tell no more than the figure beside them. */
const LEAST_CELLS = 6;

export interface Progress {
  readonly done: number;
  /** Null: nobody knows yet, and no bar is drawn. */
  readonly total: number | null;
  /** What is counted, with rate and time left, as `listed 1,200 of 5,000 · 310/s · 12 s left`. */
  readonly text: string;
}

/** @param width columns of the terminal */
export function progressLine({ done, total, text }: Progress, width: number): string {
  if (total === null || total <= 0) return cutEnd(text, width);
  const part = Math.min(1, done / total);
  const percent = `${String(Math.floor(part * 100)).padStart(3)} %`;
  // The bar gives way to the words: rate and time left stand at their end.
  const room = Math.min(CELLS, width - widthOf(` ${percent}  ${text}`));
  if (room < LEAST_CELLS) return cutEnd(`${percent}  ${text}`.trimStart(), width);
  const full = Math.floor(part * room);
  return `${'█'.repeat(full)}${'░'.repeat(room - full)} ${percent}  ${text}`;
}
