/** GET /healthz: 200, or 503 with what is wrong. */
import { health } from '../../lib/usecases/health.ts';
import type { Endpoint } from './endpoint.ts';

export const healthzEndpoint: Endpoint = {
  method: 'GET',
  path: '/healthz',
  async handle(_request, runtime) {
    const found = await health(runtime);
    return { status: found.status === 'ok' ? 200 : 503, body: found };
  },
};
