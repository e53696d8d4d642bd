/** GET /backfill/{id}: how far it is. */
import { viewBackfill } from '../../lib/usecases/backfill/view.ts';
import { noSuchBackfill, shownBackfill } from './backfill-view.ts';
import type { Endpoint } from './endpoint.ts';

export const getBackfillEndpoint: Endpoint = {
  method: 'GET',
  path: '/backfill/{id}',
  async handle({ params }, runtime) {
    const view = await viewBackfill(runtime, params.id ?? '');
    if (!view) throw noSuchBackfill();
    return { status: 200, body: shownBackfill(runtime, view) };
  },
};
