/** POST /events/requeue (A6): gives errors a new life once their cause is gone. */
import * as z from 'zod';
import { rule, strict } from '../../lib/config/field-problems.ts';
import { requeueAllErrors, requeueIds } from '../../lib/usecases/requeue.ts';
import type { Endpoint } from './endpoint.ts';
import { jsonBody } from './request.ts';

/** The longest key makes an id of some 1,450 characters. */
const MAX_ID_LENGTH = 2048;

/** Answers by then, with a part where there was more. */
const ANSWER_MS = 15_000;

const body = rule(
  strict({ ids: z.optional(z.array(z.string().min(1).max(MAX_ID_LENGTH)).min(1).max(1000)), allErrors: z.optional(z.boolean()) }),
  ({ ids, allErrors = false }) => (ids === undefined) === allErrors,
  'exactly one of ids and allErrors is needed',
  'Give {"ids": ["…"]} or {"allErrors": true}.',
);

export const requeueEventsEndpoint: Endpoint = {
  method: 'POST',
  path: '/events/requeue',
  async handle(request, runtime) {
    const { ids } = jsonBody(request, body);
    const deadline = runtime.clock.now() + ANSWER_MS;
    const { requeued, notFound, partial } = ids ? await requeueIds(runtime, ids, deadline) : await requeueAllErrors(runtime, deadline);
    return { status: 200, body: { requeued, ...(notFound.length > 0 ? { notFound } : {}), ...(partial ? { partial } : {}) } };
  },
};
