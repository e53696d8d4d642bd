/** GET /replication/{key}: what each region holds of it (B3). */
import { type HeldAt, replicationOf } from '../../lib/usecases/gateway/replication-of.ts';
import { endpoint } from '../api/endpoint.ts';
import { gatewayOf, keyOf } from './gateway-of.ts';
import { objectParams, replicationView } from './schemas.ts';

export const replicationOfEndpoint = endpoint({
  name: 'replicationOfKey',
  method: 'GET',
  path: '/replication/{key+}',
  area: 'objects',
  summary: 'What each region holds of a key, and whether it is on its way',
  access: 'objects',
  params: objectParams,
  answers: { 200: { description: 'Both regions are asked; one that does not answer is told with why.', json: replicationView } },
  async handle({ params }, runtime) {
    const { config, reads } = gatewayOf(runtime);
    const key = keyOf(params);
    const [{ active }, { state, regions, lagMs, lastError }] = await Promise.all([
      reads.authority.reader(),
      replicationOf({ ...runtime, route: config.route }, key),
    ]);
    const shown = Object.fromEntries(Object.entries(regions).map(([region, held]) => [region, shownOf(held)]));
    return { status: 200, body: { key, active, state, regions: shown, lagMs, lastError } };
  },
});

function shownOf(held: HeldAt) {
  if ('error' in held) return { error: { code: held.error.code, message: held.error.message, fix: held.error.fix } };
  if (!held.present) return { present: false };
  const { etag, size, lastModified, headers } = held.sight;
  return { present: true, etag, size, lastModified, ...(headers.contentType === undefined ? {} : { contentType: headers.contentType }) };
}
