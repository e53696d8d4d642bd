/** A backfill as the API shows it. Times in ms since the epoch, sizes in bytes. */
import * as z from 'zod';
import type { BackfillJob } from '../../lib/core/backfill/job.ts';
import { otherSide } from '../../lib/core/change.ts';
import { pausedSince } from '../../lib/usecases/backfill/paused-since.ts';
import type { BackfillView } from '../../lib/usecases/backfill/view.ts';
import { RequestError } from '../shared/problem.ts';
import type { Runtime } from '../shared/runtime.ts';
import type { backfillJob, backfillView } from './schemas/backfill.ts';

export const backfillParams = z.object({ id: z.string().meta({ description: 'As POST /backfill or GET /backfill gave it.' }) });

type Shown = Pick<Runtime, 'routes' | 'pauses'>;

export async function shownJob(runtime: Shown, job: BackfillJob): Promise<z.infer<typeof backfillJob>> {
  return jobOf(runtime, job, (await pausedSince(runtime))(job));
}

/** In their order. */
export async function shownBackfills(runtime: Shown, views: readonly BackfillView[]): Promise<z.infer<typeof backfillView>[]> {
  const since = await pausedSince(runtime);
  return views.map(({ job, progress }) => ({ ...jobOf(runtime, job, since(job)), ...progress }));
}

function jobOf({ routes }: Shown, job: BackfillJob, paused: number | null): z.infer<typeof backfillJob> {
  const route = routes.find(({ name }) => name === job.route);
  const { id, status, side = 'from', prefix, mode, estimate, failure, createdAt, updatedAt, endedAt } = job;
  return {
    id,
    status,
    route: job.route,
    paused,
    srcRegion: route?.[side] ?? null,
    dstRegion: route?.[otherSide(side)] ?? null,
    prefix,
    mode: mode === 'all' ? mode : 'missing',
    createdAt,
    updatedAt,
    endedAt: endedAt ?? null,
    failure: failure ?? null,
    estimate,
  };
}

export function noSuchBackfill(): RequestError {
  const error = { field: 'id', message: 'there is no such backfill', fix: 'Take an id that `tidemark backfill list` (GET /backfill) shows.' };
  return new RequestError(404, `id: ${error.message}`, [error]);
}

/** Another one is at work on some of the keys. */
export function overlaps(id: string): RequestError {
  const message = `backfill ${id} runs on keys that this one would list, too`;
  const fix = `Wait for it (tidemark backfill watch ${id}), cancel it (tidemark backfill cancel ${id}, POST /backfill/${id}/cancel), or give a prefix that shares no key with it.`;
  return new RequestError(409, `prefix: ${message}. ${fix}`, [{ field: 'prefix', message, fix }], { location: `/backfill/${id}` });
}
