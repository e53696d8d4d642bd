/** POST /repair (A13): makes equal what is not. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { endpoint } from './endpoint.ts';
import { verifyView } from './schemas/verify.ts';
import { begin, NEXT, SCOPE } from './verify-view.ts';

const body = strict({
  ...SCOPE,
  delete: z
    .optional(z.boolean())
    .meta({ description: 'True: what only the destination holds is deleted there, as far as the route replicates deletes.' }),
}).meta({ id: 'StartRepair', examples: [{ srcRegion: 'primary', dstRegion: 'secondary', delete: false }] });

export const startRepairEndpoint = endpoint({
  name: 'startRepair',
  method: 'POST',
  path: '/repair',
  area: 'verify',
  summary: 'Compares both sides, and asks for what differs',
  description: 'Each difference is queued, and copied by the same rules as any event. The answers under /verify tell how far it is.',
  body,
  answers: { 202: { description: 'It has begun.', json: verifyView, links: NEXT } },
  refusals: { 409: 'Another one runs on some of the keys; `location` names it.' },
  async handle({ body: { delete: deletes = false, ...asked } }, runtime) {
    return { status: 202, body: await begin(runtime, 'repair', asked, deletes) };
  },
});
