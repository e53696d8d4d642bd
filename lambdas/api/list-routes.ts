/** GET /routes: what each carries, and whether it flows. */
import { listRoutes, type RouteStatus } from '../../lib/usecases/list-routes.ts';
import { endpoint } from './endpoint.ts';
import { routeList } from './schemas/routes.ts';

export const listRoutesEndpoint = endpoint({
  name: 'listRoutes',
  method: 'GET',
  path: '/routes',
  area: 'routes',
  summary: 'Routes, and whether they flow',
  answers: { 200: { description: 'In the order of the configuration.', json: routeList } },
  async handle(_request, runtime) {
    return { status: 200, body: { routes: (await listRoutes(runtime)).map(shown) } };
  },
});

function shown({ route, ...status }: RouteStatus) {
  const { name, from, to, prefix, deletes, suffix, minBytes, maxBytes, tags, throttle } = route;
  return {
    ...{ name, from, to, prefix, bidirectional: route.bidirectional !== undefined, deletes, ...status },
    ...(suffix === undefined ? {} : { suffix }),
    ...(minBytes === undefined ? {} : { minBytes }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(tags === undefined ? {} : { tags }),
    ...(throttle === undefined ? {} : { throttle: { objectsPerSec: throttle.objectsPerSec, bytesPerSec: throttle.bytesPerSec } }),
  };
}
