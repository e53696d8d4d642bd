/** POST /events/ingest (A1): an application tells what it changed. */
import * as z from 'zod';
import { check, rule, sentence } from '../../lib/config/field-problems.ts';
import { changeAt, sourceSide } from '../../lib/core/routes/route.ts';
import { ingest, type RoutedChange } from '../../lib/usecases/ingest.ts';
import type { Runtime } from '../shared/runtime.ts';
import type { Endpoint } from './endpoint.ts';
import { key, routeFor } from './fields.ts';
import { jsonBody } from './request.ts';

/** Events are checked one by one, so that a bad one leaves its neighbours alone. */
const envelope = z.object({ events: z.array(z.unknown()).min(1).max(1000) });

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
    srcRegion: z.string(),
    dstRegion: z.string(),
    ts: z
      .int()
      .min(0)
      .refine((ts) => ts <= now + MAX_AHEAD_MS, {
        error: 'it lies more than a day in the future',
        params: { fix: 'Give ms since the epoch, by a clock that is right.' },
      }),
  });
}

type Result =
  | { readonly id: string; readonly status: 'accepted' | 'duplicate' }
  | { readonly id: null; readonly status: 'rejected'; readonly reason: string };

export const ingestEventsEndpoint: Endpoint = {
  method: 'POST',
  path: '/events/ingest',
  async handle(request, runtime) {
    const { events } = jsonBody(request, envelope);
    const schema = eventSchema(runtime.clock.now());
    const routed = events.map((event) => readEvent(runtime, schema, event));
    const ingested = [
      ...(await ingest(
        runtime,
        routed.filter((each) => typeof each !== 'string'),
      )),
    ];
    const results = routed.map((each): Result => {
      const answer = typeof each === 'string' ? undefined : ingested.shift();
      return answer ?? { id: null, status: 'rejected', reason: String(each) };
    });
    const count = (status: Result['status']): number => results.filter((result) => result.status === status).length;
    return { status: 202, body: { accepted: count('accepted'), duplicate: count('duplicate'), rejected: count('rejected'), results } };
  },
};

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
