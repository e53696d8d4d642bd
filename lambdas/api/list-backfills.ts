/** GET /backfill: the newest first. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { listBackfills } from '../../lib/usecases/backfill/view.ts';
import { shownBackfill } from './backfill-view.ts';
import type { Endpoint } from './endpoint.ts';
import { wholeNumber } from './fields.ts';
import { queryOf } from './request.ts';

const query = strict({ limit: wholeNumber(1, 100), cursor: z.optional(z.string().min(1).max(100)) });

const DEFAULT_LIMIT = 20;

export const listBackfillsEndpoint: Endpoint = {
  method: 'GET',
  path: '/backfill',
  async handle(request, runtime) {
    const { limit = DEFAULT_LIMIT, cursor } = queryOf(request, query);
    const { backfills, next } = await listBackfills(runtime, limit, cursor);
    const shown = backfills.map((view) => shownBackfill(runtime, view));
    return { status: 200, body: { backfills: shown, ...(next === undefined ? {} : { cursor: next }), partial: next !== undefined } };
  },
};
