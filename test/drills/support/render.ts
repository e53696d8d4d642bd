import { table } from '../../bench/support/render.ts';
import type { Drill, Outcome } from './drill.ts';

/** What came of a drill, for people. */
export function markdownOf({ name, what }: Drill, outcome: Outcome, at: Date): string {
  const { seconds, reads, retried, unanswered, behind, stale, readP99Ms, acked, refused, unknown, lost, late, split, switchSeconds } = outcome;
  const shown = [
    ['duration', `${seconds.toFixed(0)} s`],
    ['reads', reads],
    ['sent again', retried],
    ['failed', unanswered],
    ['not crossed', behind],
    ['stale', stale],
    ['p99', `${readP99Ms.toFixed(0)} ms`],
    ['writes', acked],
    ['refused', refused],
    ['unknown', unknown],
    ['lost', lost],
    ['late', late],
    ['split', split],
    ['to switch', switchSeconds === null ? '–' : `${switchSeconds.toFixed(1)} s`],
  ] as const;
  const [columns, cells] = [shown.map(([column]) => column), shown.map(([, cell]) => String(cell))];
  return [`${what} \`npm run drill -- ${name}\`, ${at.toISOString().slice(0, 10)}.`, '', ...table(columns, [cells])].join('\n');
}
