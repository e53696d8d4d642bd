/** Reports in a bucket, signed by KMS, as the stack makes both. */
import { randomBytes } from 'node:crypto';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KmsSigner } from '../../lib/adapters/kms/signer.ts';
import { createS3Region, type S3Region } from '../../lib/adapters/s3/index.ts';
import { S3Reports } from '../../lib/adapters/s3/reports.ts';
import { type Emulator, emulatorAvailable, startEmulator } from '../fixtures/emulator.ts';
import { reportStoreContract, signerContract } from './reports.ts';

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

  async function newReports(): Promise<S3Reports> {
    const Bucket = `reports-${randomBytes(6).toString('hex')}`;
    await admin.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
    return new S3Reports(region.bucket(Bucket));
  }

  reportStoreContract('a bucket', async () => ({ reports: await newReports(), dispose: () => undefined }));

  signerContract('KMS', async () => {
    const client = new KMSClient(emulator.client);
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
    return new KmsSigner(client, KeyMetadata?.KeyId ?? '');
  });

  it('links to a report for whoever has the address', async () => {
    const reports = await newReports();
    await reports.put('job/report.jsonl', 3, Buffer.from('{}\n'));

    const answer = await fetch(await reports.link('job/report.jsonl'));

    expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 200, text: '{}\n' });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
  });

  it('says what KMS refused', async () => {
    const signer = new KmsSigner(new KMSClient(emulator.client), 'no-such-key');

    await expect(signer.publicKey()).rejects.toMatchObject({ name: 'TidemarkError', message: expect.stringContaining('GetPublicKey') });
    await expect(signer.sign(Buffer.from('x'))).rejects.toMatchObject({ name: 'TidemarkError' });
  });
});
