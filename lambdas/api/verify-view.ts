/** A verify or a repair as the API shows it. Times in ms since the epoch, sizes in bytes. */
import * as z from 'zod';
import type { BackfillJob } from '../../lib/core/backfill/job.ts';
import type { JobMode } from '../../lib/core/backfill/mode.ts';
import { foundIn } from '../../lib/core/verify/found.ts';
import { pausedSince } from '../../lib/usecases/backfill/paused-since.ts';
import { estimateBackfill, startBackfill } from '../../lib/usecases/backfill/start.ts';
import type { VerifyView } from '../../lib/usecases/verify/view.ts';
import { RequestError } from '../shared/problem.ts';
import type { Runtime } from '../shared/runtime.ts';
import { badRequest } from './request.ts';
import { region } from './schemas/parts.ts';
import type { verifyView } from './schemas/verify.ts';
import { prefix, scopeOf } from './scope.ts';

export const verifyParams = z.object({ id: z.string().meta({ description: 'As POST /verify, POST /repair or GET /verify gave it.' }) });

/** What can be asked of one that was begun. */
export const NEXT = { getVerify: { id: '/id' }, listDifferences: { id: '/id' }, getReport: { id: '/id' }, cancelVerify: { id: '/id' } };

/** What a verify and a repair are told alike. */
export const SCOPE = {
  srcRegion: region,
  dstRegion: region,
  prefix: z.optional(prefix),
  deep: z.optional(z.boolean()).meta({ description: 'True: every byte of both sides is read.' }),
};

const STATUSES = { planning: 'running', running: 'running', done: 'done', failed: 'failed', cancelled: 'cancelled' } as const;

/** A look at the first pages, so that its progress can be told. */
const LOOKS = 4;
const SAMPLE_MS = 5_000;

interface Asked {
  readonly srcRegion: string;
  readonly dstRegion: string;
  readonly prefix?: string | undefined;
  readonly deep?: boolean | undefined;
}

/** @throws RequestError 400 for a scope that is none, 409 with the id of the one that runs on some of the keys */
export async function begin(
  runtime: Runtime,
  mode: Extract<JobMode, 'verify' | 'repair'>,
  asked: Asked,
  deletes = false,
): Promise<z.infer<typeof verifyView>> {
  const { prefix: wanted = '', deep = false, ...ends } = asked;
  const scope = scopeOf(runtime, ends, wanted);
  if ('field' in scope) throw badRequest([scope]);
  const request = { ...scope, mode, ...(deep ? { deep } : {}), ...(deletes ? { delete: true } : {}) };
  const estimate = await estimateBackfill(runtime, request, { looks: LOOKS, deadline: runtime.clock.now() + SAMPLE_MS });
  const started = await startBackfill(runtime, request, estimate);
  if ('refused' in started) throw runsAlready(mode, started.refused);
  runtime.log.info(`a ${mode} was started`, { id: started.job.id, deep });
  return shownVerify(runtime, { job: started.job, found: foundIn([]) });
}

type Shown = Pick<Runtime, 'routes' | 'pauses'>;

export async function shownVerify(runtime: Shown, view: VerifyView): Promise<z.infer<typeof verifyView>> {
  return shownOf(runtime, view, await pausedSince(runtime));
}

/** In their order. */
export async function shownVerifies(runtime: Shown, views: readonly VerifyView[]): Promise<z.infer<typeof verifyView>[]> {
  const since = await pausedSince(runtime);
  return views.map((view) => shownOf(runtime, view, since));
}

function shownOf({ routes }: Shown, { job, found }: VerifyView, since: (job: BackfillJob) => number | null): z.infer<typeof verifyView> {
  const route = routes.find(({ name }) => name === job.route);
  const repairs = job.mode === 'repair';
  return {
    id: job.id,
    kind: repairs ? 'repair' : 'verify',
    status: STATUSES[job.status],
    route: job.route,
    paused: since(job),
    srcRegion: route?.from ?? null,
    dstRegion: route?.to ?? null,
    prefix: job.prefix,
    deep: job.deep ?? false,
    ...(repairs ? { delete: job.delete ?? false, enqueued: found.enqueued } : {}),
    counts: { ...found.counts },
    compared: found.compared,
    listed: found.listed,
    bytes: found.bytes,
    startedAt: job.createdAt,
    ...(job.endedAt === undefined ? {} : { finishedAt: job.endedAt }),
    ...(job.failure ? { error: { ...job.failure } } : {}),
  };
}

export function noSuchVerify(): RequestError {
  const error = { field: 'id', message: 'there is no such verify or repair', fix: 'Take an id that `tidemark verify list` (GET /verify) shows.' };
  return new RequestError(404, `id: ${error.message}`, [error]);
}

function runsAlready(mode: string, id: string): RequestError {
  const message = `${mode} ${id} runs on keys that this one would compare, too`;
  const fix = `Wait for it (tidemark verify watch ${id}), cancel it (tidemark verify cancel ${id}, POST /verify/${id}/cancel), or give a prefix that shares no key with it.`;
  return new RequestError(409, `prefix: ${message}. ${fix}`, [{ field: 'prefix', message, fix }], { location: `/verify/${id}` });
}
