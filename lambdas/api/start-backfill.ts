/** POST /backfill (A7): copies what was there before, a whole bucket or what begins with a prefix. */
import * as z from 'zod';
import { type FieldProblem, rule, strict } from '../../lib/config/field-problems.ts';
import { BACKFILL_MODES } from '../../lib/core/backfill/mode.ts';
import { MAX_KEY_BYTES } from '../../lib/core/objects/key.ts';
import { type Route, sourceSide } from '../../lib/core/routes/route.ts';
import { estimateBackfill, startBackfill } from '../../lib/usecases/backfill/start.ts';
import type { Runtime } from '../shared/runtime.ts';
import { overlaps, shownJob } from './backfill-view.ts';
import { endpoint } from './endpoint.ts';
import { routesBetween } from './fields.ts';
import { badRequest } from './request.ts';
import { backfillJob, dryRunView } from './schemas/backfill.ts';
import { region } from './schemas/parts.ts';

export const prefix = rule(
  z.string(),
  (text) => text.isWellFormed() && !text.includes('\0') && Buffer.byteLength(text, 'utf8') <= MAX_KEY_BYTES,
  'a prefix is the beginning of a key',
  'Give 1,024 bytes of UTF-8 at most, without NUL.',
).meta({ maxLength: MAX_KEY_BYTES, description: 'Only keys that begin with it.' });

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
    return { status: 202, body: shownJob(runtime, started.job) };
  },
});

/** @returns the one route that carries keys with this prefix, and which of them it carries */
export function scopeOf(
  runtime: Runtime,
  ends: { readonly srcRegion: string; readonly dstRegion: string },
  asked: string,
): { readonly route: Route; readonly prefix: string } | FieldProblem {
  const between = routesBetween(runtime, ends);
  if ('field' in between) return between;
  const fitting = between.filter((route) => route.prefix.startsWith(asked) || asked.startsWith(route.prefix));
  const [route, other] = fitting;
  const named = (routes: readonly Route[]): string => routes.map((each) => JSON.stringify(each.prefix)).join(' or ');
  if (!route) {
    return { field: 'prefix', message: 'no route carries keys that begin with it', fix: `Routes between them carry ${named(between)}.` };
  }
  if (other) return { field: 'prefix', message: 'several routes carry keys that begin with it', fix: `Give the prefix of one: ${named(fitting)}.` };
  return { route, prefix: asked.startsWith(route.prefix) ? asked : route.prefix };
}
