/** GET /events/{id} (A8). */
import { getEvent } from '../../lib/usecases/list-events.ts';
import { RequestError } from '../shared/problem.ts';
import type { Endpoint } from './endpoint.ts';

export const getEventEndpoint: Endpoint = {
  method: 'GET',
  path: '/events/{id}',
  async handle({ params }, runtime) {
    const event = await getEvent(runtime, params.id ?? '');
    if (event) return { status: 200, body: event };
    const error = {
      field: 'id',
      message: 'there is no such event',
      fix: 'Take an id that POST /events/ingest or GET /events gave; events that ended are dropped in time.',
    };
    throw new RequestError(404, `id: ${error.message}`, [error]);
  },
};
