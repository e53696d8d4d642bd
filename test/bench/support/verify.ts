/** A verify as the embedded host runs it, as a job for workers/verify.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TidemarkConfig } from '../../../lib/config/config.ts';
import type { Run } from './result.ts';
import { configOf, type End, keysFor } from './whole-path.ts';
import { askWorker } from './worker.ts';

export interface VerifyJob {
  readonly config: TidemarkConfig;
  readonly databaseUrl: string;
  /** All of them equal. */
  readonly objects: number;
}

/** @throws Error when not all were found equal */
export async function runVerify(source: End, destination: End, objects: number, profile: boolean): Promise<Omit<Run, 'serverCpuMs'>> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    const job: VerifyJob = { config: configOf(source, destination), databaseUrl: join(folder, 'tidemark.db'), objects };
    return await askWorker<Omit<Run, 'serverCpuMs'>>('verify', job, { profile, env: keysFor(source.server) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
