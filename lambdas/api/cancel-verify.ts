/** POST /verify/{id}/cancel: nothing more is compared. */
import { cancelBackfill } from '../../lib/usecases/backfill/start.ts';
import { viewVerify } from '../../lib/usecases/verify/view.ts';
import { endpoint } from './endpoint.ts';
import { verifyView } from './schemas/verify.ts';
import { noSuchVerify, shownVerify, verifyParams } from './verify-view.ts';

export const cancelVerifyEndpoint = endpoint({
  name: 'cancelVerify',
  method: 'POST',
  path: '/verify/{id}/cancel',
  area: 'verify',
  summary: 'Ends a comparison or repair',
  description: 'What a repair queued is still copied. One that is cancelled already is answered as it is.',
  params: verifyParams,
  answers: { 200: { description: 'The comparison as it is now.', json: verifyView } },
  refusals: { 404: 'There is no such comparison.', 409: 'It is done: there is nothing left to cancel.' },
  async handle({ params }, runtime) {
    const view = await viewVerify(runtime, params.id);
    const job = view && (await cancelBackfill(runtime, params.id));
    if (!view || !job) throw noSuchVerify();
    runtime.log.info(`a ${job.mode} was cancelled`, { id: job.id });
    return { status: 200, body: await shownVerify(runtime, { ...view, job }) };
  },
});
