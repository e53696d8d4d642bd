/** One run of the replay function over new objects, as a job for workers/aws-replay.ts, and all that it asked of AWS. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BucketVersioningStatus, CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3Region } from '../../../../lib/adapters/s3/index.ts';
import { defineTidemark, type RouteInput } from '../../../../lib/config/define.ts';
import { functionEnv } from '../../../../lib/config/function-env.ts';
import { DEFAULT_SETTINGS } from '../../../../lib/infra/settings.ts';
import { dynamoClient } from '../../../fixtures/dynamodb-server.ts';
import type { Emulator } from '../../../fixtures/emulator.ts';
import type { Run } from '../result.ts';
import { askWorker } from '../worker.ts';
import { type ItemSizes, recordSizes } from './items.ts';
import { batchesOf, type Made, makeObjects, type Origin, requireCopies } from './objects.ts';
import { type Counts, startWire } from './wire.ts';

export interface ReplayJob {
  /** The bundle. */
  readonly functionFile: string;
  /** What it is called with: a line of JSON a call. */
  readonly eventsFile: string;
  readonly timeoutMs: number;
}

export interface Replayed {
  readonly objects: number;
  readonly batch: number;
  readonly calls: number;
  /** Into its log. */
  readonly printedBytes: number;
  readonly run: Run;
  readonly counts: Counts;
  readonly sizes: ItemSizes;
}

export interface Source extends Origin {
  readonly made: readonly Made[];
}

const SOURCE_REGION = 'eu-west-1';
const DESTINATION_REGION = 'us-east-1';
const QUEUES = { events: 'events', work: 'work', deadLetters: 'dead-letters', abandoned: 'abandoned' } as const;

/** A versioned bucket, as the stack makes it, full of objects. */
export async function makeSource(emulator: Emulator, count: number): Promise<Source> {
  const bucket = await makeBucket(emulator, SOURCE_REGION);
  const made = await withBucket(emulator, SOURCE_REGION, bucket, (store) => makeObjects(store, count));
  return { bucket, region: SOURCE_REGION, account: emulator.client.credentials.accessKeyId, queueName: QUEUES.events, made };
}

export interface ReplayTerms {
  /** The bundle, as it is deployed. */
  readonly functionFile: string;
  /** Messages a call. */
  readonly batch: number;
  readonly folder: string;
  readonly route?: Omit<RouteInput, 'from' | 'to'>;
}

/**
 * Replays all events of the source into a bucket and a table of their own, from a cold start on.
 * @throws Error unless every message was acknowledged and every object copied
 */
export async function replayAll(emulator: Emulator, source: Source, { functionFile, batch, folder, route }: ReplayTerms): Promise<Replayed> {
  const { made } = source;
  const destination = await makeBucket(emulator, DESTINATION_REGION);
  const { createTable, destroy } = dynamoClient(emulator.client);
  const tableName = await createTable();
  destroy();
  const eventsFile = join(folder, `${tableName}.jsonl`);
  writeFileSync(eventsFile, batchesOf(made, batch, source).join('\n'));
  const wire = await startWire(emulator.endpoint);
  try {
    const job: ReplayJob = { functionFile, eventsFile, timeoutMs: DEFAULT_SETTINGS.replay.timeoutSec * 1000 };
    const env = { ...environmentOf(emulator, wire.endpoint), ...stackEnvironment(source.bucket, destination, tableName, route) };
    const { calls, printedBytes, ...run } = await askWorker<Omit<Run, 'serverCpuMs'> & { calls: number; printedBytes: number }>('aws-replay', job, {
      env,
    });
    await withBucket(emulator, DESTINATION_REGION, destination, (store) => requireCopies(store, made));
    return {
      objects: made.length,
      batch,
      calls,
      printedBytes,
      run: { ...run, serverCpuMs: null },
      counts: wire.counts(),
      sizes: await sizesIn(emulator, tableName),
    };
  } finally {
    wire.close();
  }
}

/** What Lambda sets for every function, and where the services answer. */
function environmentOf({ client: { credentials } }: Emulator, endpoint: string): Record<string, string> {
  return {
    AWS_REGION: SOURCE_REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
  };
}

/**
 * What the stack sets. The queues are named and not made: a function that asks for one fails, and so does the run.
 * @param source a bucket, as `destination`
 */
export function stackEnvironment(
  source: string,
  destination: string,
  tableName: string,
  route: Omit<RouteInput, 'from' | 'to'> = {},
): Record<string, string> {
  const queueUrl = (name: string): string => `https://sqs.${SOURCE_REGION}.amazonaws.com/111122223333/${name}`;
  return functionEnv({
    config: defineTidemark({
      regions: {
        primary: { bucket: { existing: source }, awsRegion: SOURCE_REGION },
        secondary: { bucket: { existing: destination }, awsRegion: DESTINATION_REGION },
      },
      routes: [{ ...route, from: 'primary', to: 'secondary' }],
    }),
    stack: 'tidemark-primary',
    tableName,
    eventsQueueUrl: queueUrl(QUEUES.events),
    workQueueUrl: queueUrl(QUEUES.work),
    deadLetterUrl: queueUrl(QUEUES.deadLetters),
    abandonedUrl: queueUrl(QUEUES.abandoned),
  });
}

async function makeBucket({ client }: Emulator, region: string): Promise<string> {
  const s3 = new S3Client({ ...client, region, forcePathStyle: true });
  const Bucket = `bench-${randomBytes(8).toString('hex')}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: BucketVersioningStatus.Enabled } }));
  s3.destroy();
  return Bucket;
}

async function withBucket<T>(
  { client }: Emulator,
  region: string,
  name: string,
  use: (bucket: ReturnType<ReturnType<typeof createS3Region>['bucket']>) => Promise<T>,
): Promise<T> {
  const connection = createS3Region({ ...client, region });
  try {
    return await use(connection.bucket(name));
  } finally {
    connection.close();
  }
}

async function sizesIn({ client }: Emulator, tableName: string): Promise<ItemSizes> {
  const dynamo = new DynamoDBClient(client);
  try {
    return await recordSizes(dynamo, tableName);
  } finally {
    dynamo.destroy();
  }
}
