/** POST /events/ingest (A1): an application tells what it changed. */
import { check, sentence } from '../../lib/config/field-problems.ts';
import { changeAt, sourceSide } from '../../lib/core/routes/route.ts';
import { ingest, type RoutedChange } from '../../lib/usecases/ingest.ts';
import type { Runtime } from '../shared/runtime.ts';
import { endpoint } from './endpoint.ts';
import { routeFor } from './fields.ts';
import { changeSchema, eventsTold } from './schemas/change.ts';
import { ingested } from './schemas/ingest.ts';

type Result =
  | { readonly id: string; readonly status: 'accepted' | 'duplicate' }
  | { readonly id: null; readonly status: 'rejected'; readonly reason: string };

export const ingestEventsEndpoint = endpoint({
  name: 'ingestEvents',
  method: 'POST',
  // Events of an application are no admin calls.
  audited: false,
  path: '/events/ingest',
  area: 'events',
  summary: 'An application tells what it changed',
  description: 'Events are checked one by one: a bad one is answered as rejected, and leaves its neighbours alone.',
  body: eventsTold,
  answers: { 202: { description: 'One answer for each event.', json: ingested, links: { getEvent: { id: '/results/0/id' } } } },
  async handle({ body: { events } }, runtime) {
    const schema = changeSchema(runtime.clock.now());
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
function readEvent(runtime: Runtime, schema: ReturnType<typeof changeSchema>, event: unknown): RoutedChange | string {
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
