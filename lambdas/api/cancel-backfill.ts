/** POST /backfill/{id}/cancel: nothing more is queued; what is queued is still copied. */
import { cancelBackfill } from '../../lib/usecases/backfill/start.ts';
import { noSuchBackfill, shownJob } from './backfill-view.ts';
import type { Endpoint } from './endpoint.ts';

export const cancelBackfillEndpoint: Endpoint = {
  method: 'POST',
  path: '/backfill/{id}/cancel',
  async handle({ params, requestId }, runtime) {
    const job = await cancelBackfill(runtime, params.id ?? '');
    if (!job) throw noSuchBackfill();
    runtime.log.info('a backfill was cancelled', { id: job.id, requestId });
    return { status: 200, body: shownJob(runtime, job) };
  },
};
