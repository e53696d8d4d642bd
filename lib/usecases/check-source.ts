import { TidemarkError } from '../core/errors.ts';
import { type Route, sourcesOf } from '../core/routes/route.ts';
import type { AuditTrail } from '../ports/audit.ts';
import type { Bucket } from '../ports/objects.ts';
import type { DeleteLog, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';
import { pauseDeletes } from './delete-breaker.ts';

export interface CheckSourceDeps {
  readonly index: Pick<WorkIndex, 'objects'>;
  readonly deletes: Pick<DeleteLog, 'pause'>;
  readonly audit: Pick<AuditTrail, 'note'>;
  readonly clock: Clock;
}

type Source = Pick<Bucket, 'check' | 'provesIdentity'>;

/**
 * A bucket that was gone may come back as another one under its name, and then nothing that the former one held is evidence
 * for a delete (O10): a person says so.
 * @throws TidemarkError when the bucket cannot be believed
 */
export async function checkSource(deps: CheckSourceDeps, route: Route, source: Source): Promise<void> {
  const { index } = deps;
  try {
    await source.check();
  } catch (error) {
    const gone = error instanceof TidemarkError && error.code === 'BUCKET_MISSING';
    if (gone && !source.provesIdentity && (await index.objects(route.name)) > 0) await pauseDeletes(deps, route.name, 'its source was gone');
    throw error;
  }
}

/** The same for every route, after a look found a bucket missing. Never throws: where it fails, the next look finds it missing too. */
export async function checkSources(
  deps: CheckSourceDeps & { readonly routes: readonly Route[]; readonly store: (region: string) => Source },
): Promise<void> {
  const sources = deps.routes.flatMap((route) => sourcesOf(route).map((region) => ({ route, region })));
  await Promise.allSettled(sources.map(async ({ route, region }) => checkSource(deps, route, deps.store(region))));
}
