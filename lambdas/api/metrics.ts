/** GET /metrics (A9). */
import { metrics } from '../../lib/usecases/metrics.ts';
import type { Endpoint } from './endpoint.ts';

export const metricsEndpoint: Endpoint = {
  method: 'GET',
  path: '/metrics',
  async handle(_request, runtime) {
    return { status: 200, body: await metrics(runtime) };
  },
};
