/** GET /events (A8): what was accepted, and what became of it. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { DELIVERY_STATUSES } from '../../lib/core/objects/delivery.ts';
import { listEvents } from '../../lib/usecases/list-events.ts';
import type { Endpoint } from './endpoint.ts';
import { wholeNumber } from './fields.ts';
import { queryOf } from './request.ts';

const query = strict({
  status: z.optional(z.enum(DELIVERY_STATUSES)),
  keyLike: z.optional(z.string().max(1024)),
  limit: wholeNumber(1, 1000),
  offset: wholeNumber(0, 100_000),
  cursor: z.optional(z.string().min(1).max(8192)),
});

const DEFAULT_LIMIT = 50;

export const listEventsEndpoint: Endpoint = {
  method: 'GET',
  path: '/events',
  async handle(request, runtime) {
    const { status, keyLike, limit = DEFAULT_LIMIT, offset, cursor } = queryOf(request, query);
    const page = await listEvents(runtime, {
      limit,
      ...(status === undefined ? {} : { status }),
      ...(keyLike === undefined ? {} : { keyLike }),
      ...(offset === undefined ? {} : { offset }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { status: 200, body: page };
  },
};
