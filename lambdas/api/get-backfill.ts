/** GET /backfill/{id}: how far it is. */
import { viewBackfill } from '../../lib/usecases/backfill/view.ts';
import { backfillParams, noSuchBackfill, shownBackfills } from './backfill-view.ts';
import { endpoint } from './endpoint.ts';
import { backfillView } from './schemas/backfill.ts';

export const getBackfillEndpoint = endpoint({
  name: 'getBackfill',
  method: 'GET',
  path: '/backfill/{id}',
  area: 'backfill',
  summary: 'How far a backfill is',
  params: backfillParams,
  answers: { 200: { description: 'The backfill.', json: backfillView } },
  refusals: { 404: 'There is no such backfill.' },
  async handle({ params }, runtime) {
    const view = await viewBackfill(runtime, params.id);
    const [body] = view ? await shownBackfills(runtime, [view]) : [];
    if (!body) throw noSuchBackfill();
    return { status: 200, body };
  },
});
