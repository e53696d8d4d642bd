/** GET /conflicts: what lost where both sides of a bidirectional route had changed. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { listConflicts } from '../../lib/usecases/conflicts/list.ts';
import { endpoint } from './endpoint.ts';
import { routeNamed, wholeNumber } from './fields.ts';
import { conflictPage } from './schemas/conflict.ts';

const DEFAULT_LIMIT = 50;

export const listConflictsEndpoint = endpoint({
  name: 'listConflicts',
  method: 'GET',
  path: '/conflicts',
  area: 'conflicts',
  summary: 'What lost where both sides had changed',
  description: 'The oldest first, until each is dismissed or restored. Of one key the newest ten are kept.',
  query: strict({
    route: z.optional(z.string()).meta({ description: 'Of this route alone.' }),
    keyLike: z.optional(z.string().max(1024)).meta({ description: 'A prefix, or a pattern with `%` for any run of characters. Case-sensitive.' }),
    limit: wholeNumber(1, 1000, `How many at most; ${DEFAULT_LIMIT} unless given.`),
    cursor: z.optional(z.string().min(1).max(8192)).meta({ description: 'As the former answer gave it.' }),
  }),
  answers: { 200: { description: 'A page of them.', json: conflictPage } },
  refusals: { 404: 'There is no such route.' },
  async handle({ query: { route, keyLike, limit = DEFAULT_LIMIT, cursor } }, runtime) {
    const page = await listConflicts(runtime, {
      limit,
      ...(route === undefined ? {} : { route: routeNamed(runtime, route).name }),
      ...(keyLike === undefined ? {} : { keyLike }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { status: 200, body: page };
  },
});
