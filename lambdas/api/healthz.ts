/** GET /healthz: 200, or 503 with what is wrong. */
import { gatewayFigures } from '../../lib/usecases/gateway/figures.ts';
import { health } from '../../lib/usecases/health.ts';
import { endpoint } from './endpoint.ts';
import { failingView, healthyView } from './schemas/health.ts';

export const healthzEndpoint = endpoint({
  name: 'health',
  method: 'GET',
  path: '/healthz',
  area: 'watch',
  summary: 'Whether it is healthy, and what to do where it is not',
  access: 'open',
  answers: {
    200: { description: 'All is well.', json: healthyView },
    503: { description: 'Something is wrong; the checks say what, and what to do.', json: failingView },
  },
  async handle(_request, runtime) {
    const [{ status, checks }, figures] = await Promise.all([
      health({ ...runtime, unfit: runtime.gateway?.failover.unfit }),
      runtime.gateway ? gatewayFigures(runtime.gateway.failover) : undefined,
    ]);
    const gateway = figures ? { gateway: figures } : {};
    return status === 'ok' ? { status: 200, body: { status, checks, ...gateway } } : { status: 503, body: { status, checks, ...gateway } };
  },
});
