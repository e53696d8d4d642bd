/** GET /verify/{id}/differences: what was found so far. */
import * as z from 'zod';
import { rule, strict } from '../../lib/config/field-problems.ts';
import { listDifferences } from '../../lib/usecases/verify/view.ts';
import { endpoint } from './endpoint.ts';
import { wholeNumber } from './fields.ts';
import { differencePage } from './schemas/verify.ts';
import { noSuchVerify, verifyParams } from './verify-view.ts';

const DEFAULT_LIMIT = 100;

const ours = rule(z.string(), (text) => /^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(text), 'it is none of ours', 'Take the one of the former answer.');

export const listDifferencesEndpoint = endpoint({
  name: 'listDifferences',
  method: 'GET',
  path: '/verify/{id}/differences',
  area: 'verify',
  summary: 'Keys that differ',
  description: 'While it runs, those that were found so far; of one that is done, the whole of them is the report.',
  params: verifyParams,
  query: strict({
    limit: wholeNumber(1, 1000, `How many at most; ${DEFAULT_LIMIT} unless given.`),
    cursor: z.optional(ours).meta({ description: 'As the former answer gave it.' }),
  }),
  answers: { 200: { description: 'A page of them.', json: differencePage } },
  refusals: { 404: 'There is no such comparison.' },
  async handle({ params, query: { limit = DEFAULT_LIMIT, cursor } }, runtime) {
    const page = await listDifferences(runtime, params.id, limit, cursor);
    if (!page) throw noSuchVerify();
    return { status: 200, body: page };
  },
});
