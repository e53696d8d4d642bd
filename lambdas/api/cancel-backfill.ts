/** POST /backfill/{id}/cancel: nothing more is queued; what is queued is still copied. */
import { cancelBackfill } from '../../lib/usecases/backfill/start.ts';
import { backfillParams, noSuchBackfill, shownJob } from './backfill-view.ts';
import { endpoint } from './endpoint.ts';
import { backfillJob } from './schemas/backfill.ts';

export const cancelBackfillEndpoint = endpoint({
  name: 'cancelBackfill',
  method: 'POST',
  path: '/backfill/{id}/cancel',
  area: 'backfill',
  summary: 'Ends a backfill',
  description: 'Nothing more is queued; what is queued is still copied. One that is cancelled already is answered as it is.',
  params: backfillParams,
  answers: { 200: { description: 'The backfill as it is now.', json: backfillJob } },
  refusals: { 404: 'There is no such backfill.', 409: 'It is done: there is nothing left to cancel.' },
  async handle({ params }, runtime) {
    const job = await cancelBackfill(runtime, params.id);
    if (!job) throw noSuchBackfill();
    runtime.log.info('a backfill was cancelled', { id: job.id });
    return { status: 200, body: await shownJob(runtime, job) };
  },
});
