/** Makes the folder regions ready at start, and only where that cannot hide that one is missing. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import type { FolderBucket } from '../adapters/filesystem/bucket.ts';
import { createRoot } from '../adapters/filesystem/root.ts';
import { asTidemarkError, TidemarkError } from '../core/errors.ts';

/**
 * A folder that was never used is made. One that was is left as it is: made anew it would look like an empty source,
 * and everything would be deleted at the other side.
 * @throws TidemarkError INVALID_CONFIG for a folder that may not be used, with what to do
 */
export async function prepareFolders(runtime: Runtime, folders: ReadonlyMap<string, FolderBucket>): Promise<void> {
  const used = await regionsInUse(runtime);
  for (const [region, bucket] of folders) {
    if (used.has(region)) await reportMissing(runtime, region, bucket);
    else await make(region, bucket.path);
    await requireAccess(region, bucket.path);
  }
}

/** Those of a route that has a record. */
async function regionsInUse({ index, routes }: Runtime): Promise<ReadonlySet<string>> {
  const { objects } = await index.stats();
  return new Set(routes.filter(({ name }) => Object.hasOwn(objects, name)).flatMap(({ from, to }) => [from, to]));
}

async function make(region: string, path: string): Promise<void> {
  try {
    await createRoot(path, { adopt: true });
  } catch (error) {
    throw unusable(region, path, asTidemarkError(error).message, error);
  }
}

/** It may be mounted later: the host waits for it, and says so. */
async function reportMissing({ log }: Runtime, region: string, bucket: FolderBucket): Promise<void> {
  try {
    await bucket.check();
  } catch (error) {
    const { code, message, fix } = asTidemarkError(error);
    log.warn('a region is missing; nothing is deleted meanwhile', { region, code, error: message, fix });
  }
}

async function requireAccess(region: string, path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return;
    throw unusable(region, path, `${String(code)}: this user may not read and write it`, error);
  }
}

function unusable(region: string, path: string, why: string, cause: unknown): TidemarkError {
  const message = `the folder ${path} of region ${region} cannot be used (${why}): give this user the right to write there, or name another folder`;
  return new TidemarkError('INVALID_CONFIG', message, { region, path }, cause);
}
