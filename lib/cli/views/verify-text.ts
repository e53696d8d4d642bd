/** Comparisons of both sides as text. */
import type { DifferenceView, VerifyView } from '../api-types.ts';
import { type Tone, toned } from '../terminal.ts';
import { table } from '../text/table.ts';
import { ago, bytes, count, some } from '../text/units.ts';
import { cutEnd, cutMiddle, visible } from '../text/visible.ts';
import { statusWord } from './waits-text.ts';

const KINDS = ['missing', 'different', 'extra', 'unknown'] as const;

/** @returns how many keys are not known to be equal */
export function differing({ counts }: VerifyView): number {
  return KINDS.reduce((sum, kind) => sum + counts[kind], 0);
}

/** As `equal 12, missing 1`; what is not there is not named. */
export function foundText(counts: VerifyView['counts']): string {
  const found = KINDS.filter((kind) => counts[kind] > 0).map((kind) => `${kind} ${count(counts[kind])}`);
  return [`equal ${count(counts.equal)}`, ...found].join(', ');
}

function verdictOf({ status, counts }: VerifyView): string {
  return status === 'done' ? foundText(counts) : `${status}, ${foundText(counts)} so far`;
}

const KIND_WIDTH = 9;

/** One difference as a line: keys come page by page, and no table waits for all. */
export function differenceLine({ kind, key, reason }: DifferenceView, width: number): string {
  const room = width - KIND_WIDTH - 4;
  const shown = cutMiddle(visible(key), Math.max(8, Math.floor(room * 0.6)));
  return `${toned(TONES[kind], kind.padEnd(KIND_WIDTH))}  ${shown}  ${cutEnd(visible(reason), Math.max(8, Math.floor(room * 0.4)))}\n`;
}

const TONES: Readonly<Record<DifferenceView['kind'], Tone>> = { missing: 'bad', different: 'bad', extra: 'careful', unknown: 'careful' };

export function verifySummary(view: VerifyView): string {
  const { kind, route, prefix, deep, compared, bytes: size, enqueued, error } = view;
  const where = `${route}${prefix === '' ? '' : `, keys that begin with ${visible(prefix)}`}`;
  const how = deep ? `every byte of ${bytes(size)} compared` : 'by listings and records; --deep compares every byte';
  const queued = kind === 'repair' ? ` To be mended: ${some(enqueued ?? 0, 'key')}.` : '';
  const why = error ? ` ${visible(error.message)}` : '';
  return `${verdictOf(view)} of ${some(compared, 'key')} (${where}; ${how}).${queued}${why}\n`;
}

export function verifyTable(verifies: readonly VerifyView[], width: number, now: number): string {
  const rows = verifies.map((view) => {
    const { id, kind, route, prefix, deep, startedAt } = view;
    return [kind, statusWord(view), route, prefix === '' ? 'all' : prefix, deep ? 'bytes' : 'listings', verdictOf(view), ago(startedAt, now), id];
  });
  const titles = [
    { title: 'KIND' },
    { title: 'STATUS' },
    { title: 'ROUTE' },
    { title: 'KEYS', cut: 'middle' as const },
    { title: 'BY' },
    { title: 'FOUND', cut: 'end' as const },
    { title: 'STARTED' },
    { title: 'ID' },
  ];
  return table(titles, rows, width);
}
