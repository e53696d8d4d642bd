/** POST /backfill/{id}/resume: goes on with one that failed, where each of its ranges stopped. */
import { resumeBackfill } from '../../lib/usecases/backfill/start.ts';
import { noSuchBackfill, overlaps, shownJob } from './backfill-view.ts';
import type { Endpoint } from './endpoint.ts';

export const resumeBackfillEndpoint: Endpoint = {
  method: 'POST',
  path: '/backfill/{id}/resume',
  async handle({ params, requestId }, runtime) {
    const resumed = await resumeBackfill(runtime, params.id ?? '');
    if (!resumed) throw noSuchBackfill();
    if ('refused' in resumed) throw overlaps(resumed.refused);
    runtime.log.info('a backfill was resumed', { id: resumed.job.id, requestId });
    return { status: 202, body: shownJob(runtime, resumed.job) };
  },
};
