/** DELETE /objects/{key}: removes it at the active region (B2). */
import { deleteObject } from '../../lib/usecases/gateway/write-object.ts';
import type { ByteEndpoint } from '../api/endpoint.ts';
import { gatewayOf, keyOf } from './gateway-of.ts';
import { objectParams } from './schemas.ts';
import { asWriteProblem } from './write-problem.ts';
import { assertDeleteHeaders } from './write-refusals.ts';

export const deleteObjectEndpoint: ByteEndpoint = {
  kind: 'bytes',
  name: 'deleteObject',
  method: 'DELETE',
  path: '/objects/{key+}',
  area: 'objects',
  summary: 'Removes an object',
  description: 'At the active region; the route removes it at the other one. Removing what is not there is answered alike.',
  access: 'objects',
  params: objectParams,
  answers: { 204: { description: 'It is gone at the active region, and its change is on its way.' } },
  refusals: { 412: '`If-Match` names another version: nothing was removed.', 503: 'Nobody may write now, or the region does not answer.' },
  async serve({ params, headers, signal, actor }, runtime) {
    const { writes } = gatewayOf(runtime);
    assertDeleteHeaders(headers);
    const ifMatch = headers['if-match'];
    const { region } = await deleteObject(writes, keyOf(params), { by: actor, signal, ...(ifMatch === undefined ? {} : { ifMatch }) }).catch(
      asWriteProblem,
    );
    return { status: 204, headers: { 'cache-control': 'no-store', 'x-tidemark-region': region } };
  },
};
