/** A rehearsal as text. */
import type { Rehearsed } from '../drill/rehearse.ts';
import { table } from '../text/table.ts';

/** @param width columns to fit into */
export function drillText({ steps, writesRestedMs }: Pick<Rehearsed, 'steps' | 'writesRestedMs'>, width: number): string {
  const rows = steps.map(({ step, ok, tookMs, result }) => [step, seconds(tookMs), ok ? 'ok' : 'FAILED', result]);
  const titles = [{ title: 'STEP' }, { title: 'TOOK', align: 'right' as const }, { title: '' }, { title: 'RESULT', cut: 'end' as const }];
  const rested = writesRestedMs.map(seconds).join(', then ');
  return `${table(titles, rows, width)}${rested === '' ? '' : `\nWrites rested for ${rested}.\n`}`;
}

/** What is compared from one rehearsal to the next. */
function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
