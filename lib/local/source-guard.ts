/** A route whose source is another one than before must not delete what the former one held: its records are no evidence there (O10). */
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import type { FolderBucket } from '../adapters/filesystem/bucket.ts';
import type { SqliteRouteSources } from '../adapters/sqlite/route-sources.ts';
import type { S3RegionConfig } from '../config/config.ts';
import { asTidemarkError } from '../core/errors.ts';
import type { Route } from '../core/routes/route.ts';

const FOLDER = 'folder ';

/**
 * Pauses the deletes of each route that was given another bucket or folder as its source since the last start.
 * Run it before anything is compared or taken from the queue.
 */
export async function guardSources(runtime: Runtime, folders: ReadonlyMap<string, FolderBucket>, sources: SqliteRouteSources): Promise<void> {
  for (const route of runtime.routes) {
    const before = await sources.get(route.name);
    const now = await identityOf(runtime, folders, route);
    if (now === null) expectFormer(folders.get(route.from), before);
    if (now === null || now === before) continue;
    if (before !== null) await pauseDeletes(runtime, route);
    // Last: a start that fails before it pauses once more.
    await sources.set(route.name, now);
  }
}

/** @returns null for a folder that is not there: it may be mounted later */
async function identityOf({ config, log }: Runtime, folders: ReadonlyMap<string, FolderBucket>, { name, from }: Route): Promise<string | null> {
  const folder = folders.get(from);
  const region = config.regions[from];
  if (!folder) return region?.kind === 's3' ? bucketIdentity(region) : null;
  try {
    return `${FOLDER}${await folder.id()}`;
  } catch (error) {
    log.debug('the source is not there yet', { route: name, error: asTidemarkError(error).message });
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

async function pauseDeletes({ deletes, clock, log }: Runtime, { name, from }: Route): Promise<void> {
  await deletes.pause(name, clock.now());
  log.warn('the source of the route is another one than before: its deletes are paused', {
    route: name,
    source: from,
    fix: `See that region ${from} is what you mean. To let what it does not hold be deleted at the other side, POST /routes/${name}/resume {"acceptDeletes":true}.`,
  });
}
