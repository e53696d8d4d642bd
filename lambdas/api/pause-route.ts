/** POST /routes/{route}/pause: nothing more is begun on it. */
import { strict } from '../../lib/config/field-problems.ts';
import { pauseRoute } from '../../lib/usecases/steer-route.ts';
import { endpoint } from './endpoint.ts';
import { routeNamed } from './fields.ts';
import { pausedRoute, routeParams } from './schemas/routes.ts';

export const pauseRouteEndpoint = endpoint({
  name: 'pauseRoute',
  method: 'POST',
  path: '/routes/{route}/pause',
  area: 'routes',
  summary: 'Stops a route',
  description: 'Within a second nothing more is begun; what is under way ends. What is told meanwhile waits, and nothing is lost.',
  params: routeParams,
  body: strict({}).meta({ id: 'PauseRoute', examples: [{}] }),
  ifEmpty: {},
  answers: { 200: { description: 'It is paused.', json: pausedRoute } },
  refusals: { 404: 'There is no such route.' },
  async handle({ params }, runtime) {
    const route = routeNamed(runtime, params.route);
    const paused = await pauseRoute(runtime, route.name);
    runtime.log.warn('a route was paused', { route: route.name });
    return { status: 200, body: paused };
  },
});
