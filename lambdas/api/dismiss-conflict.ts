/** POST /conflicts/{id}/dismiss: a person has seen it. */
import { dismissConflict } from '../../lib/usecases/conflicts/settle.ts';
import { RequestError } from '../shared/problem.ts';
import { endpoint } from './endpoint.ts';
import { conflictParams, conflictView } from './schemas/conflict.ts';

export const dismissConflictEndpoint = endpoint({
  name: 'dismissConflict',
  method: 'POST',
  path: '/conflicts/{id}/dismiss',
  area: 'conflicts',
  summary: 'Takes a conflict off the list',
  description: 'Neither side is touched.',
  params: conflictParams,
  answers: { 200: { description: 'It is told of no more. As it was told before:', json: conflictView } },
  refusals: { 404: 'There is no such conflict: it was dismissed or restored, or ten newer ones of its key followed.' },
  async handle({ params }, runtime) {
    const dismissed = await dismissConflict(runtime, params.id);
    if (!dismissed) throw noSuchConflict();
    return { status: 200, body: dismissed };
  },
});

export function noSuchConflict(): RequestError {
  const error = { field: 'id', message: 'there is no such conflict', fix: 'Take an id that `tidemark conflicts list` (GET /conflicts) shows.' };
  return new RequestError(404, `id: ${error.message}`, [error]);
}
