/** POST /admin/failover/promote: makes a region the one that is written (B5). */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { promote } from '../../lib/usecases/gateway/promote.ts';
import { endpoint } from '../api/endpoint.ts';
import { promotedView, shownPromoted } from './failover-view.ts';
import { gatewayOf } from './gateway-of.ts';

export const promoteEndpoint = endpoint({
  name: 'promote',
  method: 'POST',
  path: '/admin/failover/promote',
  area: 'failover',
  summary: 'Makes a region active: the one that is written',
  description:
    'Without a region the other one. One that does not answer its probes is refused, unless it is named and forced. Writes are taken there once every gateway has let go of the former region: `writesInMs`.',
  ifEmpty: {},
  // The switch itself tells the audit trail, before it is made.
  audited: false,
  body: strict({ region: z.optional(z.string().min(1).max(40)), force: z.optional(z.boolean()) }).meta({
    id: 'Promote',
    examples: [{ region: 'secondary' }],
  }),
  answers: { 200: { description: 'It is active, with what may not have crossed to it.', json: promotedView } },
  refusals: { 409: 'That region is not fit to take the writes, or another switch came first; `detail` says why.' },
  async handle({ body: { region, force = false }, actor }, runtime) {
    const made = await promote(gatewayOf(runtime).failover, { by: actor, force, ...(region === undefined ? {} : { region }) });
    return { status: 200, body: shownPromoted(made) };
  },
});
