/** Deliveries as text. */
import type { EventView } from '../api-types.ts';
import { type Tone, toned } from '../terminal.ts';
import { table } from '../text/table.ts';
import { ago, bytes, time } from '../text/units.ts';
import { cutEnd, cutMiddle, visible } from '../text/visible.ts';

const TITLES = [
  { title: 'STATUS' },
  { title: 'OP' },
  { title: 'KEY', cut: 'middle' },
  { title: 'SIZE', align: 'right' },
  { title: 'TRIES', align: 'right' },
  { title: 'CHANGED', align: 'right' },
  { title: 'LAST ERROR', cut: 'end' },
] as const;

export function eventTable(events: readonly EventView[], width: number, now: number): string {
  const rows = events.map(({ status, op, key, size, attempts, updatedAt, lastError }) => {
    return [status, op, key, size === null ? '' : bytes(size), String(attempts), ago(updatedAt, now), lastError ?? ''];
  });
  const titles = events.some(({ lastError }) => lastError !== null) ? TITLES : TITLES.slice(0, -1);
  return table(titles, rows, width);
}

const STATUS_WIDTH = 11;

/** Of a list that goes on: its columns cannot wait for what comes. */
export function eventLine({ status, op, key, updatedAt, lastError }: EventView, width: number): string {
  const head = `${time(updatedAt)}  ${toned(toneOf(status), status.padEnd(STATUS_WIDTH))}  ${op.padEnd(6)}  `;
  const room = width - time(updatedAt).length - STATUS_WIDTH - 6 - 6;
  const shown = cutMiddle(visible(key), Math.max(8, lastError === null ? room : Math.floor(room / 2)));
  const why = lastError === null ? '' : `  ${cutEnd(visible(lastError), Math.max(8, Math.floor(room / 2) - 2))}`;
  return `${head}${shown}${why}\n`;
}

export function eventText(event: EventView, now: number): string {
  const { id, op, key, etag, size, contentType, srcRegion, dstRegion, ts, status, attempts, lastError, leaseUntil, createdAt, updatedAt } = event;
  const lines: readonly (readonly [string, string | null])[] = [
    ['Key', key],
    ['Status', status],
    ['Operation', op],
    ['Way', srcRegion === null ? null : `${srcRegion} → ${dstRegion}`],
    ['ETag', etag],
    ['Size', size === null ? null : bytes(size)],
    ['Type', contentType],
    ['Happened', time(ts)],
    ['Accepted', time(createdAt)],
    ['Changed', `${time(updatedAt)} (${ago(updatedAt, now)})`],
    ['Tries', String(attempts)],
    ['Last error', lastError],
    ['Leased', leaseUntil === null ? null : `until ${time(leaseUntil)}`],
    ['Id', id],
  ];
  return lines.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(11)}${visible(value)}\n`])).join('');
}

function toneOf(status: string): Tone {
  if (status === 'done') return 'good';
  if (status === 'error') return 'bad';
  return status === 'superseded' ? 'quiet' : 'careful';
}
