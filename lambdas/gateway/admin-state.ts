/** GET /admin/state: which region is written, and how both are (B5). */
import { failoverState } from '../../lib/usecases/gateway/failover-state.ts';
import { endpoint } from '../api/endpoint.ts';
import { shownState, stateView } from './failover-view.ts';
import { gatewayOf } from './gateway-of.ts';

export const adminStateEndpoint = endpoint({
  name: 'failoverState',
  method: 'GET',
  path: '/admin/state',
  area: 'failover',
  summary: 'Which region is written, how both are, and what would be missing after a switch',
  answers: { 200: { description: 'As far as it is known; `problem` says why the control record cannot be read.', json: stateView } },
  async handle(_request, runtime) {
    return { status: 200, body: shownState(await failoverState(gatewayOf(runtime).failover)) };
  },
});
