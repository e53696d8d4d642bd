/** What the doctor finds when exactly one thing is broken, between real S3 servers: it finds that, and nothing else than before. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  type PutBucketNotificationConfigurationCommandInput,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { examine } from '../../lib/cli/doctor/examine.ts';
import type { Clock } from '../../lib/ports/system.ts';
import type { Finding } from '../../lib/usecases/doctor/finding.ts';
import { type S3Server, serverAvailable, startS3Server } from '../fixtures/s3-servers.ts';
import { type Code, wrong } from './findings.ts';
import { type Asked, Gate } from './gate.ts';
import { Relay } from './s3-pair.ts';

type Env = Record<string, string>;

const available = serverAvailable('minio') && serverAvailable('versitygw');
const SIDES = ['primary', 'secondary'] as const;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidemark-doctor-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe.skipIf(!available)('the doctor on S3 servers', () => {
  let minio: S3Server;
  let versitygw: S3Server;
  let hook: Relay;
  let gate: Gate;
  let env: Env;
  let buckets: { readonly source: string; readonly destination: string };

  beforeAll(async () => {
    hook = await Relay.start();
    [minio, versitygw] = await Promise.all([startS3Server('minio', { webhook: hook.url }), startS3Server('versitygw')]);
  });
  afterAll(() => Promise.all([minio.stop(), versitygw.stop(), hook.stop()]));

  /** From minio, which tells its webhook, to versitygw, through a gate. */
  beforeEach(async () => {
    gate = await Gate.start(versitygw.endpoint);
    buckets = { source: await minio.createBucket({ versioned: true }), destination: await versitygw.createBucket() };
    env = { ...sideOf('PRIMARY', minio, buckets.source), ...sideOf('SECONDARY', { ...versitygw, endpoint: gate.endpoint }, buckets.destination) };
    await notify([rule('')]);
  });
  afterEach(() => gate.shut());

  const HEALTHY: readonly Code[] = [
    // versitygw's etags and checksums are right, but this bucket keeps no versions: versions cost it conditional writes.
    { level: 'warning', code: 'VERSIONING_OFF', subject: 'region secondary' },
  ];
  const examined = (clock?: Clock): Promise<readonly Finding[]> => examine(directory, env, clock);
  const more = (...codes: readonly Code[]): readonly Code[] => [...HEALTHY, ...codes];

  it('finds nothing that must be mended where nothing is broken, and leaves nothing behind', async () => {
    const found = await examined();

    expect(wrong(found)).toEqual(HEALTHY);
    expect(found.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['bucket', 'clock', 'permissions', 'notifications', 'endpoint', 'versioning']),
    );
    for (const { server, bucket: Bucket } of [
      { server: minio, bucket: buckets.source },
      { server: versitygw, bucket: buckets.destination },
    ]) {
      expect((await server.admin.send(new ListObjectVersionsCommand({ Bucket }))).Versions ?? []).toEqual([]);
    }
  });

  it('finds a bucket that is missing', async () => {
    env.SECONDARY_S3_BUCKET = 'nobody-made-it';

    expect(wrong(await examined())).toEqual([{ level: 'error', code: 'BUCKET_MISSING', subject: 'region secondary' }]);
  });

  it('finds an endpoint that does not answer', async () => {
    await gate.shut();

    expect(wrong(await examined())).toEqual([{ level: 'error', code: 'UNAVAILABLE', subject: 'region secondary' }]);
  });

  it.each<readonly [string, (asked: Asked) => boolean]>([
    ['s3:ListBucket', ({ method, path }) => method === 'GET' && path.includes('list-type=2')],
    ['s3:PutObject', ({ method, path }) => method === 'PUT' && !path.includes('tagging')],
    ['s3:GetObject', ({ method, path }) => method === 'GET' && path.includes('/permission') && !/[?&](tagging|uploadId)/.test(path)],
    ['s3:DeleteObject', ({ method, path }) => method === 'DELETE' && !path.includes('uploadId')],
    ['s3:PutObjectTagging', ({ method, path }) => method === 'PUT' && path.includes('tagging')],
    ['s3:GetObjectTagging', ({ method, path }) => method === 'GET' && path.includes('tagging')],
    ['s3:GetBucketVersioning', ({ method, path }) => method === 'GET' && path.includes('versioning')],
    ['s3:AbortMultipartUpload', ({ method, path }) => method === 'DELETE' && path.includes('uploadId')],
    ['s3:ListMultipartUploadParts', ({ method, path }) => method === 'GET' && path.includes('uploadId')],
  ])('finds that %s is not allowed, and names it', async (action, refuses) => {
    gate.refuses = refuses;

    const found = await examined();

    expect(wrong(found)).toEqual([{ level: 'error', code: 'PERMISSION_MISSING', subject: 'region secondary' }]);
    expect(found.find(({ level }) => level === 'error')?.fix).toContain(`Allow ${action} to`);
  });

  it('finds that the key of the bucket itself refuses, and that no permission on the bucket is at fault', async () => {
    gate.refuses = ({ method, path }) => method === 'PUT' && !path.includes('tagging');
    // As S3 words it.
    gate.reason = 'User: arn:aws:iam::111122223333:user/tidemark is not authorized to perform: kms:GenerateDataKey on this resource';

    expect(wrong(await examined())).toEqual([{ level: 'error', code: 'KMS_UNUSABLE', subject: 'region secondary' }]);
  });

  it('finds that versions are off', async () => {
    await minio.admin.send(new PutBucketVersioningCommand({ Bucket: buckets.source, VersioningConfiguration: { Status: 'Suspended' } }));

    expect(wrong(await examined())).toEqual([{ level: 'warning', code: 'VERSIONING_OFF', subject: 'region primary' }, ...HEALTHY]);
  });

  it('finds that the source tells nobody', async () => {
    await notify([]);

    expect(wrong(await examined())).toEqual([{ level: 'warning', code: 'NOTIFICATION_MISSING', subject: 'region primary' }, ...HEALTHY]);
  });

  it('finds that the source tells of deletes alone', async () => {
    await notify([{ ...rule(''), Events: ['s3:ObjectRemoved:*'] }]);

    expect(wrong(await examined())).toEqual([{ level: 'warning', code: 'NOTIFICATION_MISSING', subject: 'region primary' }, ...HEALTHY]);
  });

  it('finds that a KMS key cannot be used', async () => {
    const region = (name: string, bucket: string, { endpoint }: { readonly endpoint: string }): object => ({
      bucket: { existing: bucket },
      awsRegion: 'us-east-1',
      endpoint,
      credentials: { accessKeyEnv: `${name}_S3_ACCESS_KEY`, secretKeyEnv: `${name}_S3_SECRET_KEY` },
    });
    const config = {
      regions: { primary: region('PRIMARY', buckets.source, minio), secondary: region('SECONDARY', buckets.destination, versitygw) },
      routes: [{ from: 'primary', to: 'secondary', kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/0d5f6f2c-6d2c-4f6e-9d4e-0123456789ab' }],
    };
    await writeFile(join(directory, 'tidemark.config.ts'), `export default ${JSON.stringify(config)};\n`);

    expect(wrong(await examined())).toEqual(more({ level: 'error', code: 'KMS_UNUSABLE', subject: 'route primary-secondary' }));
    delete env.SECONDARY_S3_SECRET_KEY;

    // The same configuration names its credentials, and one is gone.
    expect(wrong(await examined())).toEqual([{ level: 'error', code: 'CREDENTIALS_MISSING', subject: 'region secondary' }]);
  });

  it.each([
    ['ahead of', -6_500],
    ['behind', 6_500],
  ])('finds a clock that is %s this one by more than 5 s', async (way, shift) => {
    const real = new SystemClock();
    const shifted: Clock = { now: () => real.now() + shift, sleep: (ms, signal) => real.sleep(ms, signal) };

    const found = await examined(shifted);

    expect(wrong(found).filter(({ code }) => code !== 'VERSIONING_OFF')).toEqual(
      SIDES.map((side) => ({ level: 'error', code: 'CLOCK_SKEW', subject: `region ${side}` })),
    );
    expect(found.find(({ code }) => code === 'CLOCK_SKEW')?.message).toContain(way);
  });

  it('finds endpoints that ignore conditions', async () => {
    const told = (await examined()).filter(({ code }) => code === 'NO_CONDITIONAL_WRITES').map(({ subject, message }) => `${subject} ${message}`);

    // The conditions of a copy's destination are heeded by neither; minio deletes whatever it is told, and keeps versions here.
    expect(told).toEqual([expect.stringMatching(/region primary .* copy:/), expect.stringMatching(/region secondary .* copy:/)]);
  });

  it('finds an endpoint without checksums', async () => {
    gate.drops = (name) => name.startsWith('x-amz-checksum');

    expect(wrong(await examined())).toEqual(more({ level: 'warning', code: 'NO_CHECKSUMS', subject: 'region secondary' }));
  });

  function notify(
    QueueConfigurations: NonNullable<PutBucketNotificationConfigurationCommandInput['NotificationConfiguration']>['QueueConfigurations'],
  ) {
    return minio.admin.send(
      new PutBucketNotificationConfigurationCommand({ Bucket: buckets.source, NotificationConfiguration: { QueueConfigurations } }),
    );
  }
});

const rule = (prefix: string) => ({
  QueueArn: 'arn:minio:sqs::TEST:webhook',
  Events: ['s3:ObjectCreated:*' as const, 's3:ObjectRemoved:*' as const],
  ...(prefix === '' ? {} : { Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value: prefix }] } } }),
});

function sideOf(name: string, { endpoint, region, credentials }: Pick<S3Server, 'endpoint' | 'region' | 'credentials'>, bucket: string): Env {
  return {
    [`${name}_S3_ENDPOINT`]: endpoint,
    [`${name}_S3_REGION`]: region,
    [`${name}_S3_BUCKET`]: bucket,
    [`${name}_S3_ACCESS_KEY`]: credentials.accessKeyId,
    [`${name}_S3_SECRET_KEY`]: credentials.secretAccessKey,
  };
}
