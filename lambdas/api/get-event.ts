/** GET /events/{id} (A8). */
import * as z from 'zod';
import { getEvent } from '../../lib/usecases/list-events.ts';
import { RequestError } from '../shared/problem.ts';
import { endpoint } from './endpoint.ts';
import { eventView } from './schemas/event.ts';

export const getEventEndpoint = endpoint({
  name: 'getEvent',
  method: 'GET',
  path: '/events/{id}',
  area: 'events',
  summary: 'What became of an event',
  params: z.object({ id: z.string().meta({ description: 'As POST /events/ingest or GET /events gave it.' }) }),
  answers: { 200: { description: 'The event.', json: eventView } },
  refusals: { 404: 'There is no such event; those that ended are dropped in time.' },
  async handle({ params }, runtime) {
    const event = await getEvent(runtime, params.id);
    if (event) return { status: 200, body: event };
    const error = {
      field: 'id',
      message: 'there is no such event',
      fix: 'Take an id that `tidemark events list` (GET /events) shows; events that ended are dropped in time.',
    };
    throw new RequestError(404, `id: ${error.message}`, [error]);
  },
});
