/** POST /events/ingest (A1): an application tells what it changed. */
import * as z from 'zod';
import { check, rule, sentence } from '../../lib/config/field-problems.ts';
import { changeAt, sourceSide } from '../../lib/core/routes/route.ts';
import { ingest, type RoutedChange } from '../../lib/usecases/ingest.ts';
import type { Runtime } from '../shared/runtime.ts';
import { endpoint } from './endpoint.ts';
import { checkedLater, key, routeFor } from './fields.ts';
import { ingested } from './schemas/ingest.ts';
import { region, time } from './schemas/parts.ts';

/** A clock that runs ahead by more than a day is wrong, and its events would look newer than all others. */
const MAX_AHEAD_MS = 24 * 3600 * 1000;

const text = rule(
  z.string().max(256),
  (value) => value.isWellFormed(),
  'it is not valid Unicode (a lone surrogate)',
  'Give valid Unicode of 256 characters at most.',
);

function eventSchema(now: number) {
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

const EXAMPLE = {
  op: 'PUT',
  key: 'demo/hello.txt',
  etag: 'b1946ac92492d2347c6235b4d2611184',
  size: 6,
  contentType: 'text/plain',
  srcRegion: 'primary',
  dstRegion: 'secondary',
  ts: 1_793_268_000_000,
};

type Result =
  | { readonly id: string; readonly status: 'accepted' | 'duplicate' }
  | { readonly id: null; readonly status: 'rejected'; readonly reason: string };

const told = eventSchema(Number.POSITIVE_INFINITY).meta({ id: 'ChangeTold', examples: [EXAMPLE] });

export const ingestEventsEndpoint = endpoint({
  name: 'ingestEvents',
  method: 'POST',
  path: '/events/ingest',
  area: 'events',
  summary: 'An application tells what it changed',
  description: 'Events are checked one by one: a bad one is answered as rejected, and leaves its neighbours alone.',
  body: z.object({ events: z.array(checkedLater(told)).min(1).max(1000) }).meta({ id: 'IngestEvents', examples: [{ events: [EXAMPLE] }] }),
  answers: { 202: { description: 'One answer for each event.', json: ingested, links: { getEvent: { id: '/results/0/id' } } } },
  async handle({ body: { events } }, runtime) {
    const schema = eventSchema(runtime.clock.now());
    const routed = events.map((event) => readEvent(runtime, schema, event));
    const answers = [
      ...(await ingest(
        runtime,
        routed.filter((each) => typeof each !== 'string'),
      )),
    ];
    const results = routed.map((each): Result => {
      const answer = typeof each === 'string' ? undefined : answers.shift();
      return answer ?? { id: null, status: 'rejected', reason: String(each) };
    });
    const count = (status: Result['status']): number => results.filter((result) => result.status === status).length;
    return { status: 202, body: { accepted: count('accepted'), duplicate: count('duplicate'), rejected: count('rejected'), results } };
  },
});

/** @returns the change and its route, or why it is rejected */
function readEvent(runtime: Runtime, schema: ReturnType<typeof eventSchema>, event: unknown): RoutedChange | string {
  const checked = check(schema, event, 'event');
  if (!checked.ok) return checked.problems.map(sentence).join(' ');
  const { op, key: name, etag, size, contentType, ts } = checked.value;
  const route = routeFor(runtime, checked.value, name);
  if ('field' in route) return sentence(route);
  const bare = etag?.replace(/^"|"$/g, '');
  return {
    route,
    change: changeAt(
      {
        op,
        key: name,
        origin: 'api',
        ts,
        ...(bare ? { etag: bare } : {}),
        ...(size == null ? {} : { size }),
        ...(contentType ? { contentType } : {}),
      },
      sourceSide(route, checked.value) ?? 'from',
    ),
  };
}
