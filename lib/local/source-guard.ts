/** A route whose source is another one than before must not delete what the former one held: its records are no evidence there (O10). */
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import type { FolderBucket } from '../adapters/filesystem/bucket.ts';
import type { SqliteRouteSources } from '../adapters/sqlite/route-sources.ts';
import type { S3RegionConfig } from '../config/config.ts';
import type { Side } from '../core/change.ts';
import { asTidemarkError } from '../core/errors.ts';
import { writtenSides } from '../core/routes/route.ts';
import { pauseDeletes } from '../usecases/delete-breaker.ts';

const FOLDER = 'folder ';

/**
 * Pauses the deletes of each route that was given another bucket or folder as its source since the last start.
 * Run it before anything is compared or taken from the queue.
 */
export async function guardSources(runtime: Runtime, folders: ReadonlyMap<string, FolderBucket>, sources: SqliteRouteSources): Promise<void> {
  for (const route of runtime.routes) {
    for (const side of writtenSides(route)) await guardSource(runtime, folders, sources, { route: route.name, region: route[side], side });
  }
}

interface End {
  readonly route: string;
  readonly region: string;
  readonly side: Side;
}

async function guardSource(runtime: Runtime, folders: ReadonlyMap<string, FolderBucket>, sources: SqliteRouteSources, end: End): Promise<void> {
  // No route has a slash in its name.
  const name = end.side === 'from' ? end.route : `${end.route}/${end.side}`;
  const before = await sources.get(name);
  const now = await identityOf(runtime, folders, end);
  if (now === null) expectFormer(folders.get(end.region), before);
  if (now === null || now === before) return;
  if (before !== null) await stopDeletes(runtime, end);
  // Last: a start that fails before it pauses once more.
  await sources.set(name, now);
}

/** @returns null for a folder that is not there: it may be mounted later */
async function identityOf(
  { config, log }: Runtime,
  folders: ReadonlyMap<string, FolderBucket>,
  { route, region: name }: End,
): Promise<string | null> {
  const folder = folders.get(name);
  const region = config.regions[name];
  if (!folder) return region?.kind === 's3' ? bucketIdentity(region) : null;
  try {
    return `${FOLDER}${await folder.id()}`;
  } catch (error) {
    log.debug('the source is not there yet', { route, region: name, error: asTidemarkError(error).message });
    return null;
  }
}

function bucketIdentity({ endpoint = 'AWS', bucket }: S3RegionConfig): string {
  return `bucket ${bucket} at ${endpoint}`;
}

/** Until the next start no other folder may stand in the place of the former one: nobody would pause its deletes. */
function expectFormer(folder: FolderBucket | undefined, before: string | null): void {
  if (before?.startsWith(FOLDER)) folder?.expect(before.slice(FOLDER.length));
}

async function stopDeletes(runtime: Runtime, { route, region }: End): Promise<void> {
  await pauseDeletes(runtime, route, 'its source is another one than before', { region });
  runtime.log.warn('the source of the route is another one than before: its deletes are paused', {
    route,
    source: region,
    fix: `See that region ${region} is what you mean. To let what it does not hold be deleted at the other side: tidemark routes resume ${route} --accept-deletes.`,
  });
}
