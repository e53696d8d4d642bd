/** The S3 adapter against real servers: both contracts, and what only a store behind a network has. */
import { DeleteBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe } from 'vitest';
import { createS3Region, type S3Region, serverSideLink } from '../../lib/adapters/s3/index.ts';
import { removeAll } from '../../lib/adapters/s3/remove-all.ts';
import { CopyBelowPrefix, StoreBelowPrefix } from '../../lib/usecases/below-prefix.ts';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';
import { type S3Server, type ServerKind, serverAvailable, startS3Server } from '../fixtures/s3-servers.ts';
import { objectStoreContract, type StoreTraits } from './object-store.ts';
import { s3Specifics } from './s3-specifics.ts';
import { serverSideCopyContract } from './server-side-copy.ts';

const TRAITS: Readonly<Record<ServerKind, StoreTraits>> = {
  // It takes a name of 255 bytes once, and cannot overwrite it.
  versitygw: { keys: 'posix', withoutKeys: ['a name of 255 bytes'], tags: true, listsInOrder: false },
  minio: { keys: 'posix', tags: true, listsInOrder: true },
};

const PREFIX = 'from-primary/';

for (const kind of ['versitygw', 'minio'] as const) {
  describe.skipIf(!serverAvailable(kind))(kind, () => {
    let server: S3Server;
    let regions: Readonly<Record<'lean' | 'sdk', S3Region>>;
    beforeAll(async () => {
      server = await startS3Server(kind);
      regions = { lean: createS3Region(server, 'lean'), sdk: createS3Region(server, 'sdk') };
    });
    afterAll(async () => {
      regions?.lean.close();
      regions?.sdk.close();
      await server?.stop();
    });

    const lose = async (bucket: string): Promise<void> => {
      await removeAll(server.admin, bucket, '', []);
      await server.admin.send(new DeleteBucketCommand({ Bucket: bucket }));
    };
    // The server's folder goes with the server.
    const dispose = async (): Promise<void> => undefined;

    // What a route with a destination prefix copies by: the same contract, under the source's keys.
    const newLinkBelow = async () => {
      const source = regions.lean.bucket(await server.createBucket());
      const bucket = regions.lean.bucket(await server.createBucket());
      const copier = serverSideLink(source, bucket);
      if (copier === null) throw new Error('one credential reaches both');
      return {
        source,
        destination: new StoreBelowPrefix(bucket, PREFIX),
        copier: new CopyBelowPrefix(copier, PREFIX),
        loseBucket: (side: 'source' | 'destination') => lose({ source, destination: bucket }[side].name),
        dispose,
      };
    };
    const tooLong = AWKWARD_KEYS.filter(({ key }) => Buffer.byteLength(PREFIX + key) > 1024).map(({ label }) => label);
    // It is the same on every store: one run of it shows that the seam holds.
    if (kind === 'minio') {
      serverSideCopyContract(`${kind}, below a prefix`, newLinkBelow, {
        versioned: false,
        fewParts: true,
        withoutKeys: [...(TRAITS[kind].withoutKeys ?? []), ...tooLong],
      });
    }

    // The SDK's client is what the lean one is held against; one run of it shows that the seam holds.
    const runs = [
      { versioned: false, client: 'lean' },
      { versioned: true, client: 'lean' },
      ...(kind === 'versitygw' ? ([{ versioned: false, client: 'sdk' }] as const) : []),
    ] as const;
    for (const { versioned, client } of runs) {
      const name = `${kind}, ${versioned ? 'versioned' : 'unversioned'}, ${client} client`;
      const region = (): S3Region => regions[client];
      const newStore = async () => {
        const bucket = await server.createBucket({ versioned });
        return { store: region().bucket(bucket), loseBucket: () => lose(bucket), dispose };
      };
      const newLink = async () => {
        const source = region().bucket(await server.createBucket({ versioned }));
        const destination = region().bucket(await server.createBucket({ versioned }));
        const copier = serverSideLink(source, destination);
        if (copier === null) throw new Error('one credential reaches both');
        return { source, destination, copier, loseBucket: (side: 'source' | 'destination') => lose({ source, destination }[side].name), dispose };
      };
      objectStoreContract(name, newStore, TRAITS[kind]);
      serverSideCopyContract(name, newLink, {
        versioned,
        fewParts: versioned || client === 'sdk',
        copiesUnderMarkers: versioned && kind === 'versitygw',
        ...TRAITS[kind],
      });
      s3Specifics(name, () => server, { versioned });
    }
  });
}
