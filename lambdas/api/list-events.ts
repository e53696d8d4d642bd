/** GET /events (A8): what was accepted, and what became of it. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { DELIVERY_STATUSES } from '../../lib/core/objects/delivery.ts';
import { listEvents } from '../../lib/usecases/list-events.ts';
import { endpoint } from './endpoint.ts';
import { wholeNumber } from './fields.ts';
import { eventPage } from './schemas/event.ts';

const DEFAULT_LIMIT = 50;
const LATEST = 1e14;

export const listEventsEndpoint = endpoint({
  name: 'listEvents',
  method: 'GET',
  path: '/events',
  area: 'events',
  summary: 'What was accepted, and what became of it',
  description: 'By route, key and age. Pages go on by `cursor` whatever is written meanwhile: nothing is shown twice, and nothing is skipped.',
  query: strict({
    status: z.optional(z.enum(DELIVERY_STATUSES)),
    keyLike: z.optional(z.string().max(1024)).meta({ description: 'A prefix, or a pattern with `%` for any run of characters. Case-sensitive.' }),
    since: wholeNumber(
      0,
      LATEST,
      'Only what changed then or later (`updatedAt`), ms since the epoch. All that the rest asks for is looked at: pages may be empty.',
    ),
    limit: wholeNumber(1, 1000, `How many at most; ${DEFAULT_LIMIT} unless given.`),
    offset: wholeNumber(0, 100_000, 'How many to leave out first. A cursor is cheaper.'),
    cursor: z.optional(z.string().min(1).max(8192)).meta({ description: 'As the former answer gave it.' }),
  }),
  answers: { 200: { description: 'A page of them.', json: eventPage, links: { getEvent: { id: '/events/0/id' } } } },
  async handle({ query: { status, keyLike, since, limit = DEFAULT_LIMIT, offset, cursor } }, runtime) {
    const page = await listEvents(runtime, {
      limit,
      ...(status === undefined ? {} : { status }),
      ...(keyLike === undefined ? {} : { keyLike }),
      ...(since === undefined ? {} : { since }),
      ...(offset === undefined ? {} : { offset }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { status: 200, body: page };
  },
});
