/** Signed heads in a bucket with Object Lock, as the stack makes it. */
import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, DeleteObjectCommand, ListObjectVersionsCommand, PutObjectLockConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3AuditHeads } from '../../lib/adapters/s3/audit-heads.ts';
import { createS3Region, type S3Region } from '../../lib/adapters/s3/index.ts';
import { type Emulator, emulatorAvailable, startEmulator } from '../fixtures/emulator.ts';
import { auditHeadsContract, headOf } from './audit-heads.ts';

describe.skipIf(!emulatorAvailable())('on AWS', () => {
  let emulator: Emulator;
  let admin: S3Client;
  let region: S3Region;
  beforeAll(async () => {
    emulator = await startEmulator({});
    admin = new S3Client({ ...emulator.client, forcePathStyle: true });
    region = createS3Region(emulator.client);
  });
  afterAll(async () => {
    region?.close();
    admin?.destroy();
    await emulator?.stop();
  });

  async function newBucket(): Promise<string> {
    const Bucket = `heads-${randomBytes(6).toString('hex')}`;
    await admin.send(
      new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 1 } } } as const;
    await admin.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
    return Bucket;
  }

  auditHeadsContract('a bucket', async () => new S3AuditHeads(region.bucket(await newBucket()), 'chain'));

  it('leaves nothing but heads in its bucket, each written once', async () => {
    const Bucket = await newBucket();
    const heads = new S3AuditHeads(region.bucket(Bucket), 'chain');
    const head = await headOf(7);
    await heads.put(head);
    await heads.put({ ...head, at: head.at + 1 });

    expect(await heads.latest()).toEqual(head);
    const { Versions = [] } = await admin.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions.map(({ Key }) => Key)).toEqual(['audit-heads/chain/999999999999992.json']);
    const [version] = Versions;
    await expect(admin.send(new DeleteObjectCommand({ Bucket, Key: version?.Key, VersionId: version?.VersionId }))).rejects.toThrow();
  });
});
