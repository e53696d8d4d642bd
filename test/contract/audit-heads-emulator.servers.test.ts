/** Signed heads in a bucket with Object Lock, as the stack makes it. */
import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
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

  it('shows every head that was put, whatever was deleted or put over it since', async () => {
    const Bucket = await newBucket();
    const heads = new S3AuditHeads(region.bucket(Bucket), 'chain');
    const [seven, eight, nine] = [await headOf(7), await headOf(8), await headOf(9)];
    for (const head of [seven, eight, nine]) await heads.put(head);
    const nameOf = (length: number): string => `audit-heads/chain/${999_999_999_999_999 - length}.json`;
    const put = (Key: string, Body: string) => admin.send(new PutObjectCommand({ Bucket, Key, Body }));
    const remove = (length: number) => admin.send(new DeleteObjectCommand({ Bucket, Key: nameOf(length) }));

    await remove(9);
    await remove(9);
    await put(nameOf(8), 'no head');
    await put(nameOf(8), JSON.stringify({ ...eight, hash: 'cd'.repeat(32) }));
    await remove(7);
    await heads.put({ ...seven, at: 1 });
    // What would stand before them all.
    await put(nameOf(5_000), 'no head');
    await put(nameOf(4_000), JSON.stringify(nine));
    await put('audit-heads/chain/0', 'no head');

    expect(await heads.latest()).toEqual(nine);
    expect(await heads.page(Number.POSITIVE_INFINITY, 2)).toEqual([nine, eight]);
    expect(await heads.page(9, 100)).toEqual([eight, seven]);
    // A place that was taken before its head came is told of.
    await expect(heads.put(await headOf(5_000))).rejects.toMatchObject({ code: 'AUDIT_BROKEN', message: expect.stringContaining('5000') });
  });
});
