/** Backfills as text. */
import type { Estimate } from '../../core/backfill/estimate.ts';
import type { BackfillView } from '../api-types.ts';
import { table } from '../text/table.ts';
import { ago, bytes, count, some } from '../text/units.ts';
import { visible } from '../text/visible.ts';
import { statusWord } from './waits-text.ts';

export function estimateText({ objects, bytes: size, exact, copies, copyBytes, requests, cost, prices }: Estimate): string {
  const about = exact ? '' : 'about ';
  const { list, head, copy } = requests;
  return [
    `Source       ${about}${some(objects, 'object')}, ${bytes(size)}`,
    `To copy      ${about}${some(copies, 'object')}, ${bytes(copyBytes)}`,
    `Requests     ${count(list)} lists, ${count(head)} heads, ${count(copy)} copies`,
    `Cost         ${cost.total === 0 ? 'nothing is charged for' : `$${cost.total.toFixed(2)} at list price (${prices})`}`,
    '',
  ].join('\n');
}

export function backfillTable(backfills: readonly BackfillView[], width: number, now: number): string {
  const rows = backfills.map((view) => {
    const { id, srcRegion, dstRegion, prefix, listed, enqueued, done, failed, createdAt } = view;
    return [
      statusWord(view),
      `${srcRegion ?? '?'} → ${dstRegion ?? '?'}`,
      prefix === '' ? 'all' : prefix,
      count(listed),
      count(enqueued),
      count(done),
      count(failed),
      ago(createdAt, now),
      id,
    ];
  });
  const titles = [
    { title: 'STATUS' },
    { title: 'WAY' },
    { title: 'KEYS', cut: 'middle' as const },
    { title: 'LISTED', align: 'right' as const },
    { title: 'QUEUED', align: 'right' as const },
    { title: 'DONE', align: 'right' as const },
    { title: 'FAILED', align: 'right' as const },
    { title: 'STARTED' },
    { title: 'ID' },
  ];
  return table(titles, rows, width);
}

export function backfillSummary({ status, listed, enqueued, done, failed, bytes: size, failure }: BackfillView): string {
  const what = `listed ${some(listed, 'key')}, queued ${count(enqueued)} (${bytes(size)}), looked at ${count(done)}, failed ${count(failed)}`;
  return `${status}: ${what}${failure ? `. ${visible(failure.code)}: ${visible(failure.message)}` : ''}\n`;
}
