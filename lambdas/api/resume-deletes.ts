/** POST /routes/{route}/resume: lets the deletes flow that the breaker paused (O10). */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { resumeRoute } from '../../lib/usecases/steer-route.ts';
import { RequestError } from '../shared/problem.ts';
import type { Endpoint } from './endpoint.ts';
import { jsonBody } from './request.ts';

/** Said in words, so that nobody lets a thousand deletes run by a stray call. */
const body = strict({ acceptDeletes: z.literal(true) });

export const resumeDeletesEndpoint: Endpoint = {
  method: 'POST',
  path: '/routes/{route}/resume',
  async handle(request, runtime) {
    const route = runtime.routes.find(({ name }) => name === request.params.route);
    if (!route) {
      const error = { field: 'route', message: 'there is no such route', fix: `Name one of: ${runtime.routes.map(({ name }) => name).join(', ')}.` };
      throw new RequestError(404, `route: ${error.message}`, [error]);
    }
    jsonBody(request, body);
    const resumed = await resumeRoute(runtime, route.name, { acceptDeletes: true, deadline: runtime.clock.now() + 10_000 });
    runtime.log.warn('deletes were resumed', { route: route.name, requestId: request.requestId });
    return { status: 200, body: resumed };
  },
};
