/** What an application tells of its own changes. */
import * as z from 'zod';
import { rule } from '../../../lib/config/field-problems.ts';
import { checkedLater, key } from '../fields.ts';
import { region, time } from './parts.ts';

/** A clock that runs ahead by more than a day is wrong, and its events would look newer than all others. */
const MAX_AHEAD_MS = 24 * 3600 * 1000;

const text = rule(
  z.string().max(256),
  (value) => value.isWellFormed(),
  'it is not valid Unicode (a lone surrogate)',
  'Give valid Unicode of 256 characters at most.',
);

/** @param now ms since the epoch: what is told to have happened much later is refused */
export function changeSchema(now: number) {
  return z.object({
    op: z.enum(['PUT', 'DELETE']),
    key,
    etag: z.nullish(text),
    size: z.nullish(z.int().min(0)),
    contentType: z.nullish(text),
    srcRegion: region,
    dstRegion: region,
    ts: time.min(0).refine((ts) => ts <= now + MAX_AHEAD_MS, {
      error: 'it lies more than a day in the future',
      params: { fix: 'Give ms since the epoch, by a clock that is right.' },
    }),
  });
}

export const CHANGE_EXAMPLE = {
  op: 'PUT',
  key: 'demo/hello.txt',
  etag: 'b1946ac92492d2347c6235b4d2611184',
  size: 6,
  contentType: 'text/plain',
  srcRegion: 'primary',
  dstRegion: 'secondary',
  ts: 1_793_268_000_000,
};

const told = changeSchema(Number.POSITIVE_INFINITY).meta({ id: 'ChangeTold', examples: [CHANGE_EXAMPLE] });

/** Each is checked by itself. */
export const eventsTold = z
  .object({ events: z.array(checkedLater(told)).min(1).max(1000) })
  .meta({ id: 'IngestEvents', examples: [{ events: [CHANGE_EXAMPLE] }] });
