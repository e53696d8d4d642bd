/** A backfill of an empty destination by the host as it is started by people, as a job for workers/backfilled.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TidemarkConfig } from '../../../lib/config/config.ts';
import type { Run } from './result.ts';
import { configOf, type End, keysFor } from './whole-path.ts';
import { askWorker } from './worker.ts';

export interface BackfillJob {
  readonly config: TidemarkConfig;
  readonly databaseUrl: string;
  readonly objects: number;
}

/**
 * POST /backfill, until every object that it asked for is done. The database lies on the disk, in the folder for temporary files.
 * @throws Error when the worker says that not all ended as done
 */
export async function runBackfill(source: End, destination: End, objects: number, profile: boolean): Promise<Omit<Run, 'serverCpuMs'>> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    const job: BackfillJob = { config: configOf(source, destination), databaseUrl: join(folder, 'tidemark.db'), objects };
    return await askWorker<Omit<Run, 'serverCpuMs'>>('backfilled', job, { profile, env: keysFor(source.server) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
