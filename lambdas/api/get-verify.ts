/** GET /verify/{id}: how far it is, and what it found. */
import { viewVerify } from '../../lib/usecases/verify/view.ts';
import { endpoint } from './endpoint.ts';
import { verifyView } from './schemas/verify.ts';
import { noSuchVerify, shownVerify, verifyParams } from './verify-view.ts';

export const getVerifyEndpoint = endpoint({
  name: 'getVerify',
  method: 'GET',
  path: '/verify/{id}',
  area: 'verify',
  summary: 'How far a comparison or repair is',
  params: verifyParams,
  answers: { 200: { description: 'The comparison.', json: verifyView } },
  refusals: { 404: 'There is no such comparison.' },
  async handle({ params }, runtime) {
    const view = await viewVerify(runtime, params.id);
    if (!view) throw noSuchVerify();
    return { status: 200, body: await shownVerify(runtime, view) };
  },
});
