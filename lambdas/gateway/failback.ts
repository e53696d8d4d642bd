/** POST /admin/failover/failback: goes back to the region that the configuration names first. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { failback } from '../../lib/usecases/gateway/promote.ts';
import { endpoint } from '../api/endpoint.ts';
import { promotedView, shownPromoted } from './failover-view.ts';
import { gatewayOf } from './gateway-of.ts';

export const failbackEndpoint = endpoint({
  name: 'failback',
  method: 'POST',
  path: '/admin/failover/failback',
  area: 'failover',
  summary: 'Goes back to the first region, once all has crossed to it',
  description: 'Refused while changes have not crossed to it, unless forced: then readers miss them until they have.',
  ifEmpty: {},
  audited: false,
  body: strict({ force: z.optional(z.boolean()) }).meta({ id: 'Failback', examples: [{}] }),
  answers: { 200: { description: 'It is active.', json: promotedView } },
  refusals: { 409: 'The first region is behind, or not fit to take the writes, or another switch came first; `detail` says why.' },
  async handle({ body: { force = false }, actor }, runtime) {
    return { status: 200, body: shownPromoted(await failback(gatewayOf(runtime).failover, { by: actor, force })) };
  },
});
