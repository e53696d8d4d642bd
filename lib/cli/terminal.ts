/** What the commands write to. Results go to standard output, all else to standard error, so that pipes carry results alone. */
import { styleText } from 'node:util';
import { type Progress, progressLine } from './text/bar.ts';
import { visibleJson } from './text/visible.ts';

export function print(text: string): undefined {
  process.stdout.write(text);
}

/** @param text without the end of its line */
export function note(text: string): undefined {
  clearProgress();
  process.stderr.write(`${text}\n`);
}

/** One value as one line, for programs that read what went wrong. */
export function noteJson(value: unknown): undefined {
  const line = JSON.stringify(value);
  note(process.stderr.isTTY ? visibleJson(line) : line);
}

/** One value as one line, or indented for people at a terminal. */
export function printJson(value: unknown): undefined {
  print(`${process.stdout.isTTY ? visibleJson(JSON.stringify(value, null, 2)) : JSON.stringify(value)}\n`);
}

/** One of many, each on a line of its own. */
export function printJsonLine(value: unknown): undefined {
  const line = JSON.stringify(value);
  print(`${process.stdout.isTTY ? visibleJson(line) : line}\n`);
}

const CLEARED = '\r\x1b[2K';

/** A terminal that was never told its size says 0. */
const USUAL_COLUMNS = 80;

/** Columns to fit into; Infinity where the output goes into a file or another program, which nothing may be cut for. */
export function columns(): number {
  return process.stdout.isTTY ? process.stdout.columns || USUAL_COLUMNS : Number.POSITIVE_INFINITY;
}

export type Tone = 'good' | 'bad' | 'careful' | 'quiet' | 'title';
const STYLES = { good: 'green', bad: 'red', careful: 'yellow', quiet: 'dim', title: 'bold' } as const;

/** Heeds NO_COLOR and FORCE_COLOR, and colours nothing that is no terminal. */
export function toned(tone: Tone, text: string): string {
  return styleText(STYLES[tone], text, { stream: process.stdout });
}

let isDrawn = false;

/** A line on standard error that is drawn anew; where that is no terminal, nothing is drawn at all. */
export function drawProgress(progress: Progress): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`${CLEARED}${progressLine(progress, (process.stderr.columns || USUAL_COLUMNS) - 1)}`);
  isDrawn = true;
}

export function clearProgress(): void {
  if (isDrawn) process.stderr.write(CLEARED);
  isDrawn = false;
}

let interrupted: AbortController | undefined;

/**
 * Fires at the first Ctrl-C from now on, so that a command can say what goes on without it; a second one ends the process.
 * Until it was asked for, Ctrl-C ends the process as usual.
 */
export function interruption(): AbortSignal {
  if (interrupted) return interrupted.signal;
  const controller = new AbortController();
  interrupted = controller;
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}
