/** POST /conflicts/{id}/restore: what lost is written again, so that it wins. */
import { restoreConflict } from '../../lib/usecases/conflicts/settle.ts';
import { RequestError } from '../shared/problem.ts';
import { noSuchConflict } from './dismiss-conflict.ts';
import { endpoint } from './endpoint.ts';
import { conflictParams, restoredConflict } from './schemas/conflict.ts';

export const restoreConflictEndpoint = endpoint({
  name: 'restoreConflict',
  method: 'POST',
  path: '/conflicts/{id}/restore',
  area: 'conflicts',
  summary: 'Makes what lost the newest again',
  description: 'Its version is written once more in its own bucket, as a user would, and the route carries it over. On versioned buckets alone.',
  params: conflictParams,
  answers: { 202: { description: 'It is written, and the conflict is off the list.', json: restoredConflict } },
  refusals: { 404: 'There is no such conflict.', 409: 'It cannot be restored, with why and what to do instead.' },
  async handle({ params }, runtime) {
    const restored = await restoreConflict(runtime, params.id);
    if (!restored) throw noSuchConflict();
    if ('why' in restored)
      throw new RequestError(409, `id: ${restored.why}. ${restored.fix}`, [{ field: 'id', message: restored.why, fix: restored.fix }]);
    runtime.log.info('what lost a conflict was restored', { route: restored.conflict.route });
    return { status: 202, body: restored };
  },
});
