/** POST /backfill (A7): copies what was there before, a whole bucket or what begins with a prefix. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { BACKFILL_MODES } from '../../lib/core/backfill/mode.ts';
import { sourceSide } from '../../lib/core/routes/route.ts';
import { estimateBackfill, startBackfill } from '../../lib/usecases/backfill/start.ts';
import { overlaps, shownJob } from './backfill-view.ts';
import { endpoint } from './endpoint.ts';
import { badRequest } from './request.ts';
import { backfillJob, dryRunView } from './schemas/backfill.ts';
import { region } from './schemas/parts.ts';
import { prefix, scopeOf } from './scope.ts';

const body = strict({
  srcRegion: region,
  dstRegion: region,
  prefix: z.optional(prefix),
  mode: z.enum(BACKFILL_MODES).meta({ description: '`missing`: what differs. `all`: every key.' }),
  dryRun: z.optional(z.boolean()).meta({ description: 'True: the estimate alone.' }),
}).meta({ id: 'StartBackfill', examples: [{ srcRegion: 'primary', dstRegion: 'secondary', mode: 'missing', dryRun: true }] });

/** Where an answer names what it began. */
const ID = { id: '/id' };

/** Pages of each side that an estimate looks at, and how long it may take. */
const LOOKS = 24;
const SAMPLE_MS = 10_000;

export const startBackfillEndpoint = endpoint({
  name: 'startBackfill',
  method: 'POST',
  path: '/backfill',
  area: 'backfill',
  summary: 'Copies what was there before',
  description: 'A whole bucket, or what begins with a prefix. Looks at a sample first, for the estimate of the answer.',
  body,
  answers: {
    200: { description: 'The estimate, of a dry run.', json: dryRunView },
    202: { description: 'It has begun.', json: backfillJob, links: { getBackfill: ID, cancelBackfill: ID, resumeBackfill: ID } },
  },
  refusals: { 409: 'Another one runs on some of the keys; `location` names it.' },
  async handle({ body: { mode, dryRun = false, prefix: asked = '', ...ends } }, runtime) {
    const scope = scopeOf(runtime, ends, asked);
    if ('field' in scope) throw badRequest([scope]);
    const wanted = { ...scope, side: sourceSide(scope.route, ends) ?? 'from', mode };
    const estimate = await estimateBackfill(runtime, wanted, { looks: LOOKS, deadline: runtime.clock.now() + SAMPLE_MS });
    if (dryRun) return { status: 200, body: { dryRun, prefix: scope.prefix, mode, estimate } };
    const started = await startBackfill(runtime, wanted, estimate);
    if ('refused' in started) throw overlaps(started.refused);
    runtime.log.info('a backfill was started', { id: started.job.id, mode });
    return { status: 202, body: await shownJob(runtime, started.job) };
  },
});
