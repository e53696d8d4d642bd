/** The shipped path, event in the queue to durable record, as a job for workers/whole-path.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../lib/adapters/sqlite/database.ts';
import { SqliteQueue } from '../../../lib/adapters/sqlite/queue.ts';
import { SystemClock } from '../../../lib/adapters/system/clock.ts';
import type { TidemarkConfig } from '../../../lib/config/config.ts';
import { defineTidemark } from '../../../lib/config/define.ts';
import type { S3Server } from '../../fixtures/s3-servers.ts';
import type { Run } from './result.ts';
import { askWorker } from './worker.ts';

export interface WholePathJob {
  readonly config: TidemarkConfig;
  readonly databaseUrl: string;
  readonly objects: number;
}

export interface End {
  readonly server: S3Server;
  readonly bucket: string;
}

export const KEY_VARIABLES = { accessKeyEnv: 'BENCH_ACCESS_KEY', secretKeyEnv: 'BENCH_SECRET_KEY' };

export function configOf(source: End, destination: End): TidemarkConfig {
  const region = ({ server, bucket }: End) => ({
    bucket: { existing: bucket },
    awsRegion: server.region,
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: KEY_VARIABLES,
  });
  return defineTidemark({ regions: { primary: region(source), secondary: region(destination) }, routes: [{ from: 'primary', to: 'secondary' }] });
}

export function keysFor({ credentials }: S3Server): Readonly<Record<string, string>> {
  return { BENCH_ACCESS_KEY: credentials.accessKeyId, BENCH_SECRET_KEY: credentials.secretAccessKey };
}

/** As S3 tells of a PUT: one record a message. */
export function putEvent(bucket: string, key: string, etag: string, size: number, sequence: number): string {
  const sequencer = sequence.toString(16).padStart(16, '0').toUpperCase();
  const s3 = { s3SchemaVersion: '1.0', bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` }, object: { key, size, eTag: etag, sequencer } };
  const eventTime = new Date().toISOString();
  return JSON.stringify({
    Records: [{ eventVersion: '2.1', eventSource: 'aws:s3', awsRegion: 'us-east-1', eventTime, eventName: 'ObjectCreated:Put', s3 }],
  });
}

const SEND_BATCH = 1_000;

/**
 * Fills a queue of its own with the events, then runs a worker until all of them are done and acknowledged.
 * The database lies on the disk, in the folder for temporary files.
 * @throws Error when the worker says that not all ended as done
 */
export async function runWholePath(source: End, destination: End, events: readonly string[], profile: boolean): Promise<Omit<Run, 'serverCpuMs'>> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    const databaseUrl = join(folder, 'tidemark.db');
    const database = openDatabase(databaseUrl);
    const queue = new SqliteQueue(database, { clock: new SystemClock() });
    for (let at = 0; at < events.length; at += SEND_BATCH) await queue.send(events.slice(at, at + SEND_BATCH).map((body) => ({ body })));
    database.close();
    const job: WholePathJob = { config: configOf(source, destination), databaseUrl, objects: events.length };
    return await askWorker<Omit<Run, 'serverCpuMs'>>('whole-path', job, { profile, env: keysFor(source.server) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
