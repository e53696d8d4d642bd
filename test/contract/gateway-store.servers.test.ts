/** The gateway store contract on real S3 servers, and on the AWS emulator. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CreateBucketCommand, DeleteBucketCommand, ListMultipartUploadsCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe } from 'vitest';
import { createS3Region, S3GatewayStore, type S3Region } from '../../lib/adapters/s3/index.ts';
import { removeAll } from '../../lib/adapters/s3/remove-all.ts';
import { type Emulator, emulatorAvailable, startEmulator } from '../fixtures/emulator.ts';
import { type S3Server, type ServerKind, serverAvailable, startS3Server } from '../fixtures/s3-servers.ts';
import { gatewayStoreContract } from './gateway-store.ts';
import { type GatewayStoreTraits, type GatewayStoreUnderTest, SILENCE_MS } from './gateway-store-support.ts';

function subjectOf(region: S3Region, admin: S3Client, name: string): GatewayStoreUnderTest {
  const bucket = region.bucket(name);
  return {
    store: new S3GatewayStore(bucket),
    impatient: new S3GatewayStore(bucket, SILENCE_MS),
    loseBucket: async () => {
      await removeAll(admin, name, '', []);
      await admin.send(new DeleteBucketCommand({ Bucket: name }));
    },
    leftovers: async () => ((await admin.send(new ListMultipartUploadsCommand({ Bucket: name }))).Uploads ?? []).length,
    dispose: async () => undefined,
  };
}

const TRAITS: Readonly<Record<ServerKind, GatewayStoreTraits>> = {
  // It takes a name of 255 bytes once, and cannot overwrite it.
  versitygw: { keys: 'posix', withoutKeys: ['a name of 255 bytes'], conditionalPut: true, presigns: true, keepsChecksums: true },
  minio: { keys: 'posix', conditionalPut: true, presigns: true, keepsChecksums: true },
};

for (const kind of ['versitygw', 'minio'] as const) {
  describe.skipIf(!serverAvailable(kind))(kind, () => {
    let server: S3Server;
    let regions: Readonly<Record<'lean' | 'sdk', S3Region>>;
    beforeAll(async () => {
      server = await startS3Server(kind);
      regions = { lean: createS3Region({ ...server, maxSockets: 16 }), sdk: createS3Region({ ...server, maxSockets: 16 }, 'sdk') };
    });
    afterAll(async () => {
      regions?.lean.close();
      regions?.sdk.close();
      await server?.stop();
    });

    const factory = (client: 'lean' | 'sdk', versioned: boolean) => async (): Promise<GatewayStoreUnderTest> =>
      subjectOf(regions[client], server.admin, await server.createBucket({ versioned }));
    gatewayStoreContract(`${kind}, unversioned`, factory('lean', false), TRAITS[kind]);
    // Versioned, versitygw takes a delete marker for an object, so that its conditions are not relied on.
    gatewayStoreContract(`${kind}, versioned`, factory('lean', true), { ...TRAITS[kind], conditionalPut: kind !== 'versitygw' });
    // The SDK's client is what the lean one is held against; one run of it shows that the seam holds.
    if (kind === 'versitygw') gatewayStoreContract(`${kind}, by the SDK`, factory('sdk', false), TRAITS[kind]);
  });
}

describe.skipIf(!emulatorAvailable())('the emulator', () => {
  let emulator: Emulator;
  let admin: S3Client;
  let region: S3Region;
  beforeAll(async () => {
    emulator = await startEmulator({ script: join(import.meta.dirname, '../deployed/emulator/wrapped.py') });
    admin = new S3Client({ ...emulator.client, forcePathStyle: true });
    region = createS3Region({ ...emulator.client, maxSockets: 16 });
  });
  afterAll(async () => {
    region?.close();
    admin?.destroy();
    await emulator?.stop();
  });

  gatewayStoreContract(
    'emulator, versioned',
    async () => {
      const Bucket = `bucket-${randomBytes(6).toString('hex')}`;
      await admin.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
      await admin.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
      return subjectOf(region, admin, Bucket);
    },
    { keys: 'any', conditionalPut: true, presigns: 'lenient', keepsChecksums: true },
  );
});
