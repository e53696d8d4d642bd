/** POST /backfill/{id}/resume: goes on with one that failed, where each of its ranges stopped. */
import { resumeBackfill } from '../../lib/usecases/backfill/start.ts';
import { backfillParams, noSuchBackfill, overlaps, shownJob } from './backfill-view.ts';
import { endpoint } from './endpoint.ts';
import { backfillJob } from './schemas/backfill.ts';

export const resumeBackfillEndpoint = endpoint({
  name: 'resumeBackfill',
  method: 'POST',
  path: '/backfill/{id}/resume',
  area: 'backfill',
  summary: 'Goes on with a backfill that failed',
  description: 'Each of its ranges goes on where it stopped.',
  params: backfillParams,
  answers: { 202: { description: 'It goes on.', json: backfillJob } },
  refusals: { 404: 'There is no such backfill.', 409: 'It did not fail, or another one runs on some of its keys.' },
  async handle({ params }, runtime) {
    const resumed = await resumeBackfill(runtime, params.id);
    if (!resumed) throw noSuchBackfill();
    if ('refused' in resumed) throw overlaps(resumed.refused);
    runtime.log.info('a backfill was resumed', { id: resumed.job.id });
    return { status: 202, body: await shownJob(runtime, resumed.job) };
  },
});
