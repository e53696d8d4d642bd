/** Puts together what the doctor looks at: this folder's configuration, its regions, and its stacks where there are any. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { FolderBucket } from '../../adapters/filesystem/bucket.ts';
import { databasePath } from '../../adapters/sqlite/database.ts';
import { SystemClock } from '../../adapters/system/clock.ts';
import type { RegionConfig, TidemarkConfig } from '../../config/config.ts';
import type { Loaded } from '../../config/from-env.ts';
import { loadTidemark } from '../../config/load.ts';
import { type Environment, variable } from '../../config/variable.ts';
import { asTidemarkError } from '../../core/errors.ts';
import { connectionOf } from '../../local/regions.ts';
import type { DiagnosedRegion } from '../../ports/diagnosis.ts';
import type { Clock } from '../../ports/system.ts';
import { configurationFindings, credentialFinding } from '../../usecases/doctor/configuration.ts';
import { diagnose } from '../../usecases/doctor/diagnose.ts';
import { chartOf, type Finding } from '../../usecases/doctor/finding.ts';
import { examineStacks } from './stacks.ts';

/** @param directory where tidemark.config.ts may lie @returns all that was found; never throws for what is merely wrong */
export async function examine(directory: string, env: Environment, clock: Clock = new SystemClock()): Promise<readonly Finding[]> {
  let loaded: Loaded;
  let started: boolean;
  try {
    loaded = await loadTidemark(directory, env);
    started = existsSync(databasePath(loaded.host.databaseUrl));
  } catch (error) {
    return configurationFindings(error);
  }
  const { config } = loaded;
  const opened = await openRegions(config, env, clock, started);
  try {
    const stacks = await examineStacks(config);
    const { routes } = config;
    const listener = (region: string): ReturnType<typeof stacks.listener> => stacks.listener(region);
    const found = await diagnose({ routes, regions: opened.regions, queues: stacks.queues, listener, clock });
    return [...opened.findings, ...stacks.findings, ...found];
  } finally {
    opened.close();
  }
}

interface Opened {
  readonly regions: ReadonlyMap<string, DiagnosedRegion>;
  readonly findings: readonly Finding[];
  close(): void;
}

/**
 * Those of routes; one whose credential is not there is a finding instead.
 * @param started a host ran here before, and has made the folders that it uses
 */
async function openRegions(config: TidemarkConfig, env: Environment, clock: Clock, started: boolean): Promise<Opened> {
  const regions = new Map<string, DiagnosedRegion>();
  const findings: Finding[] = [];
  const closing: (() => void)[] = [];
  for (const name of new Set(config.routes.flatMap(({ from, to }) => [from, to]))) {
    const region = config.regions[name];
    if (!region) continue;
    try {
      const { diagnosed, close } = await open(region, env, clock);
      if (region.kind === 'folder' && !started && (await isMissing(diagnosed))) {
        findings.push(notYet(name, resolve(region.path)));
        continue;
      }
      regions.set(name, diagnosed);
      closing.push(close);
    } catch (error) {
      const { fields } = asTidemarkError(error);
      findings.push(...(typeof fields.entry === 'string' ? [credentialFinding(name, fields.entry)] : configurationFindings(error)));
    }
  }
  return { regions, findings, close: () => closing.forEach((close) => void close()) };
}

async function isMissing({ check }: DiagnosedRegion): Promise<boolean> {
  return check().then(
    () => false,
    (error: unknown) => asTidemarkError(error).code === 'BUCKET_MISSING',
  );
}

/** Before the first start, and wherever the doctor is asked in another folder than the host runs in. */
function notYet(name: string, path: string): Finding {
  return chartOf('bucket', `region ${name}`).found(
    'info',
    'NOT_STARTED',
    `no host has run here yet: its first start makes ${path} a region, with whatever it holds`,
    'Start it with `npm start`. If one runs already, ask the doctor in its folder, with its DATABASE_URL.',
  );
}

async function open(region: RegionConfig, env: Environment, clock: Clock): Promise<{ readonly diagnosed: DiagnosedRegion; close(): void }> {
  if (region.kind === 'folder') {
    const bucket = new FolderBucket(region.path, { clock });
    return { diagnosed: { check: () => bucket.check(), endpoint: null }, close: () => undefined };
  }
  // The SDK's own variables, by which a VPC endpoint or an emulator is named: its client reads them, and so must the lean one.
  const named = region.endpoint ?? variable(env, 'AWS_ENDPOINT_URL_S3') ?? variable(env, 'AWS_ENDPOINT_URL');
  const options = connectionOf(
    named === undefined ? region : { ...region, endpoint: named, forcePathStyle: region.forcePathStyle || !region.endpoint },
    env,
  );
  const { createS3Region } = await import('../../adapters/s3/index.ts');
  const { diagnosedBucket } = await import('../../adapters/s3/diagnosed.ts');
  const connection = createS3Region(options);
  return { diagnosed: diagnosedBucket(connection, region.bucket), close: () => connection.close() };
}
