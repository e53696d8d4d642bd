/** GET /verify: comparisons and repairs, the newest first. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { listVerifies } from '../../lib/usecases/verify/view.ts';
import { endpoint } from './endpoint.ts';
import { wholeNumber } from './fields.ts';
import { verifyPage } from './schemas/verify.ts';
import { shownVerifies } from './verify-view.ts';

const DEFAULT_LIMIT = 20;

export const listVerifiesEndpoint = endpoint({
  name: 'listVerifies',
  method: 'GET',
  path: '/verify',
  area: 'verify',
  summary: 'Comparisons and repairs, the newest first',
  query: strict({
    limit: wholeNumber(1, 100, `How many at most; ${DEFAULT_LIMIT} unless given.`),
    cursor: z.optional(z.string().min(1).max(100)).meta({ description: 'As the former answer gave it.' }),
  }),
  answers: {
    200: { description: 'A page of them.', json: verifyPage, links: { getVerify: { id: '/verifies/0/id' }, getReport: { id: '/verifies/0/id' } } },
  },
  async handle({ query: { limit = DEFAULT_LIMIT, cursor } }, runtime) {
    const { verifies, next } = await listVerifies(runtime, limit, cursor);
    const shown = await shownVerifies(runtime, verifies);
    return { status: 200, body: { verifies: shown, ...(next === undefined ? {} : { cursor: next }), partial: next !== undefined } };
  },
});
