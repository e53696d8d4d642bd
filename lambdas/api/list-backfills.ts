/** GET /backfill: the newest first. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { listBackfills } from '../../lib/usecases/backfill/view.ts';
import { shownBackfills } from './backfill-view.ts';
import { endpoint } from './endpoint.ts';
import { wholeNumber } from './fields.ts';
import { backfillPage } from './schemas/backfill.ts';

const DEFAULT_LIMIT = 20;

export const listBackfillsEndpoint = endpoint({
  name: 'listBackfills',
  method: 'GET',
  path: '/backfill',
  area: 'backfill',
  summary: 'Backfills, the newest first',
  query: strict({
    limit: wholeNumber(1, 100, `How many at most; ${DEFAULT_LIMIT} unless given.`),
    cursor: z.optional(z.string().min(1).max(100)).meta({ description: 'As the former answer gave it.' }),
  }),
  answers: { 200: { description: 'A page of them.', json: backfillPage, links: { getBackfill: { id: '/backfills/0/id' } } } },
  async handle({ query: { limit = DEFAULT_LIMIT, cursor } }, runtime) {
    const { backfills, next } = await listBackfills(runtime, limit, cursor);
    const shown = await shownBackfills(runtime, backfills);
    return { status: 200, body: { backfills: shown, ...(next === undefined ? {} : { cursor: next }), partial: next !== undefined } };
  },
});
