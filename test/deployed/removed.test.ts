/** A source bucket that is removed: that nothing is there to be seen is no evidence for a delete. */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  type QueueConfiguration,
} from '@aws-sdk/client-s3';
import { afterEach, expect, it } from 'vitest';
import { describeDeployed, Pair } from './client.ts';
import { SOURCE_REGION } from './deployment.ts';

const KEYS = ['a.txt', 'b/c.txt', 'b/d e.txt'];

describeDeployed('a source bucket that is removed', () => {
  const pair = new Pair('removed');
  const faults = pair.faults('removed');
  afterEach(() => faults.clear());

  const { srcRegion, dstRegion } = pair.regions;
  const route = `${srcRegion}-${dstRegion}`;
  let told: QueueConfiguration[] | undefined;

  const remove = async (): Promise<void> => {
    const { client, bucket: Bucket } = pair.source;
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    await client.send(new DeleteBucketCommand({ Bucket }));
  };
  const makeAnew = async (): Promise<void> => {
    const { client, bucket: Bucket } = pair.source;
    await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: SOURCE_REGION } }));
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const NotificationConfiguration = { QueueConfigurations: told };
    await client.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  };
  const keepsAll = async (): Promise<void> => {
    for (const key of KEYS) expect(await pair.destination.text(key), key).toBe(`text of ${key}`);
  };
  const isRefused = async (key: string, code: string): Promise<void> => {
    const refused = async (): Promise<boolean> =>
      (await pair.events(key, '&status=pending')).some(({ op, lastError }) => op === 'DELETE' && lastError?.includes(code));
    await pair.eventually(refused, true);
  };

  it('deletes nothing, whoever tells of deletes; and health names the bucket and what to do', async () => {
    for (const key of KEYS) await pair.source.put(key, `text of ${key}`);
    for (const key of KEYS) await pair.arrives(key, `text of ${key}`);
    await pair.drains();
    const { client, bucket: Bucket } = pair.source;
    told = (await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).QueueConfigurations;

    // Out of the function's sight, or it would rightly follow each delete before the bucket is gone.
    await faults.set({ service: 's3', bucket: Bucket, op: 'HEAD', status: 503 });
    for (const key of KEYS) await pair.source.delete(key);
    await remove();
    await faults.clear();
    await pair.tell(...KEYS.map((key) => ({ op: 'DELETE', key }) as const));

    for (const key of KEYS) await isRefused(key, 'BUCKET_MISSING');
    await keepsAll();
    const { status, body } = await pair.call('GET', '/healthz');
    expect(status).toBe(503);
    expect(body.checks).toContainEqual({
      what: `region ${srcRegion}`,
      ok: false,
      code: 'BUCKET_MISSING',
      message: expect.stringContaining(Bucket),
      fix: expect.stringContaining('Create the bucket'),
    });
  });

  it('flows again when it is made anew, and deletes what the former one held only after a person said so', async () => {
    await makeAnew();
    await pair.source.put('later.txt', 'after it came back');
    await pair.arrives('later.txt', 'after it came back');

    for (const key of KEYS) await isRefused(key, 'DELETES_PAUSED');
    await keepsAll();
    const { status, body } = await pair.call('GET', '/healthz');
    expect(status).toBe(503);
    expect(body.checks).toContainEqual(
      expect.objectContaining({ what: `deletes of route ${route}`, ok: false, code: 'DELETES_PAUSED', fix: expect.stringContaining('resume') }),
    );

    await pair.source.put('a.txt', 'written anew');
    expect((await pair.call('POST', `/routes/${route}/resume`, { acceptDeletes: true })).status).toBe(200);

    await pair.arrives('a.txt', 'written anew');
    for (const key of KEYS.slice(1)) await pair.goes(key);
    await pair.drains();
    expect(await pair.differences('')).toEqual([]);
    expect((await pair.call('GET', '/healthz')).status).toBe(200);
  });
});
