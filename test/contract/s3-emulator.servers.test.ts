/**
 * The S3 adapter against the AWS emulator: as it is, where a copy heeds no condition of its destination (the leased path),
 * and wrapped, where it does as on AWS (the optimistic one).
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CreateBucketCommand, DeleteBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Region, type S3Bucket, type S3Region, serverSideLink } from '../../lib/adapters/s3/index.ts';
import { removeAll } from '../../lib/adapters/s3/remove-all.ts';
import { type Emulator, emulatorAvailable, startEmulator } from '../fixtures/emulator.ts';
import { objectStoreContract, type StoreTraits } from './object-store.ts';
import { serverSideCopyContract } from './server-side-copy.ts';

const WRAPPED = join(import.meta.dirname, '../deployed/emulator/wrapped.py');
const TRAITS: StoreTraits = { keys: 'any', tags: true, listsInOrder: true };

for (const kind of ['stock', 'wrapped'] as const) {
  describe.skipIf(!emulatorAvailable())(`the emulator, ${kind}`, () => {
    let emulator: Emulator;
    let admin: S3Client;
    let region: S3Region;
    beforeAll(async () => {
      emulator = await startEmulator(kind === 'wrapped' ? { script: WRAPPED } : {});
      admin = new S3Client({ ...emulator.client, forcePathStyle: true });
      region = createS3Region(emulator.client);
    });
    afterAll(async () => {
      region?.close();
      admin?.destroy();
      await emulator?.stop();
    });

    async function newBucket(): Promise<S3Bucket> {
      const Bucket = `bucket-${randomBytes(6).toString('hex')}`;
      await admin.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
      // As the stack makes them.
      await admin.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
      return region.bucket(Bucket);
    }
    const lose = async (bucket: string): Promise<void> => {
      await removeAll(admin, bucket, '', []);
      await admin.send(new DeleteBucketCommand({ Bucket: bucket }));
    };
    const dispose = async (): Promise<void> => undefined;

    // They differ in copies alone.
    if (kind === 'wrapped') {
      objectStoreContract(
        kind,
        async () => {
          const store = await newBucket();
          return { store, loseBucket: () => lose(store.name), dispose };
        },
        TRAITS,
      );
    }
    serverSideCopyContract(
      kind,
      async () => {
        const [source, destination] = [await newBucket(), await newBucket()];
        const copier = serverSideLink(source, destination);
        if (copier === null) throw new Error('one credential reaches both');
        return { source, destination, copier, loseBucket: (side) => lose({ source, destination }[side].name), dispose };
      },
      { versioned: true, fewParts: kind === 'wrapped', uploadsLoseTags: kind === 'stock', ...TRAITS },
    );

    it('is found out by trying', async () => {
      expect(await (await newBucket()).capabilities()).toMatchObject({
        writable: true,
        conditionalPut: true,
        conditionalCopy: kind === 'wrapped',
        conditionalDelete: true,
        tags: true,
        versioned: true,
      });
    });
  });
}
