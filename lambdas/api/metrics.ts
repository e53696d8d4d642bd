/** GET /metrics (A9). */
import { metrics } from '../../lib/usecases/metrics.ts';
import { endpoint } from './endpoint.ts';
import { metricsView } from './schemas/metrics.ts';

export const metricsEndpoint = endpoint({
  name: 'metrics',
  method: 'GET',
  path: '/metrics',
  area: 'watch',
  summary: 'Counts, lag and backlog',
  answers: { 200: { description: 'The figures of this moment.', json: metricsView } },
  async handle(_request, runtime) {
    return { status: 200, body: await metrics(runtime) };
  },
});
