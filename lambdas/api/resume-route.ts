/** POST /routes/{route}/resume: lets it flow again, and its deletes where that is said (O10). */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { resumeRoute } from '../../lib/usecases/steer-route.ts';
import { endpoint } from './endpoint.ts';
import { routeNamed } from './fields.ts';
import { resumedRoute, routeParams } from './schemas/routes.ts';

const ANSWER_MS = 15_000;

export const resumeRouteEndpoint = endpoint({
  name: 'resumeRoute',
  method: 'POST',
  path: '/routes/{route}/resume',
  area: 'routes',
  summary: 'Lets a route flow again',
  description:
    'What waited while it was paused is looked at; nothing is where it was not. With acceptDeletes its deletes flow too, for some ten minutes without limit (GET /routes tells until when), after the breaker tripped or the source was found to be another one.',
  params: routeParams,
  // Said in words, so that nobody lets a thousand deletes run by a stray call.
  body: strict({
    acceptDeletes: z.optional(z.literal(true)),
    cursor: z.optional(z.string().min(1).max(8192)).meta({ description: 'Of an answer that was partial: goes on with the rest.' }),
  }).meta({ id: 'ResumeRoute', examples: [{}, { acceptDeletes: true }] }),
  ifEmpty: {},
  answers: { 200: { description: 'It flows.', json: resumedRoute } },
  refusals: { 404: 'There is no such route.' },
  async handle({ params, body }, runtime) {
    const route = routeNamed(runtime, params.route);
    const { acceptDeletes = false, cursor } = body;
    const resumed = await resumeRoute(runtime, route.name, {
      acceptDeletes,
      ...(cursor === undefined ? {} : { cursor }),
      deadline: runtime.clock.now() + ANSWER_MS,
    });
    runtime.log.warn('a route was resumed', { route: route.name, acceptDeletes, released: resumed.released });
    return { status: 200, body: resumed };
  },
});
