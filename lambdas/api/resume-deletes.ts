/** POST /routes/{route}/resume: lets the deletes flow that the breaker paused (O10). */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { resumeDeletes } from '../../lib/usecases/resume-deletes.ts';
import { endpoint } from './endpoint.ts';
import { routeNamed } from './fields.ts';
import { time } from './schemas/parts.ts';

export const resumeDeletesEndpoint = endpoint({
  name: 'resumeRoute',
  method: 'POST',
  path: '/routes/{route}/resume',
  area: 'routes',
  summary: 'Lets the deletes of a route flow again',
  description: 'For ten minutes without limit, after the breaker tripped or the source was found to be another one.',
  params: z.object({ route: z.string().meta({ examples: ['primary-secondary'] }) }),
  // Said in words, so that nobody lets a thousand deletes run by a stray call.
  body: strict({ acceptDeletes: z.literal(true) }).meta({ id: 'ResumeRoute', examples: [{ acceptDeletes: true }] }),
  answers: {
    200: {
      description: 'They flow.',
      json: z
        .object({ route: z.string(), pausedAt: z.nullable(time).meta({ description: 'Since when they had been paused; null: they were flowing.' }) })
        .meta({ id: 'ResumedRoute', examples: [{ route: 'primary-secondary', pausedAt: 1_793_268_000_000 }] }),
    },
  },
  refusals: { 404: 'There is no such route.' },
  async handle({ params }, runtime) {
    const route = routeNamed(runtime, params.route);
    const resumed = await resumeDeletes(runtime, route.name, runtime.clock.now());
    runtime.log.warn('deletes were resumed', { route: route.name });
    return { status: 200, body: resumed };
  },
});
