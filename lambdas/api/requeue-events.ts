/** POST /events/requeue (A6): gives errors a new life once their cause is gone. */
import * as z from 'zod';
import { rule, strict } from '../../lib/config/field-problems.ts';
import { requeueAllErrors, requeueIds } from '../../lib/usecases/requeue.ts';
import { endpoint } from './endpoint.ts';
import { requeued } from './schemas/replay.ts';

/** The longest key makes an id of some 1,450 characters. */
const MAX_ID_LENGTH = 2048;

/** Answers by then, with a part where there was more. */
const ANSWER_MS = 15_000;

/** The rule below, for the documentation. */
const ONE_OF = [
  { required: ['ids'], properties: { allErrors: { const: false } } },
  { required: ['allErrors'], properties: { allErrors: { const: true }, ids: false } },
];

export const requeueEventsEndpoint = endpoint({
  name: 'requeueEvents',
  method: 'POST',
  path: '/events/requeue',
  area: 'events',
  summary: 'Tries errors again, once their cause is gone',
  description: 'Either by id, or all of them; `allErrors` also moves what lies in the dead-letter queue back.',
  body: rule(
    strict({
      ids: z.optional(z.array(z.string().min(1).max(MAX_ID_LENGTH)).min(1).max(1000)),
      allErrors: z.optional(z.boolean()),
    }),
    ({ ids, allErrors = false }) => (ids === undefined) === allErrors,
    'exactly one of ids and allErrors is needed',
    'Give {"ids": ["…"]} or {"allErrors": true}.',
  ).meta({ id: 'Requeue', oneOf: ONE_OF, examples: [{ allErrors: true }] }),
  answers: { 200: { description: 'How many were.', json: requeued } },
  async handle({ body: { ids } }, runtime) {
    const deadline = runtime.clock.now() + ANSWER_MS;
    const { requeued, notFound, partial } = ids ? await requeueIds(runtime, ids, deadline) : await requeueAllErrors(runtime, deadline);
    return { status: 200, body: { requeued, ...(notFound.length > 0 ? { notFound } : {}), ...(partial ? { partial } : {}) } };
  },
});
