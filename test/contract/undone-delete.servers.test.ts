/** Deletes on condition at a store that heeds none and keeps versions: minio. */
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createS3Region, type S3Bucket, type S3Region } from '../../lib/adapters/s3/index.ts';
import { put } from '../../lib/adapters/s3/probe-object.ts';
import { removeUndoably } from '../../lib/adapters/s3/undone-delete.ts';
import type { Sight } from '../../lib/core/objects/sight.ts';
import { type S3Server, serverAvailable, startS3Server } from '../fixtures/s3-servers.ts';
import { isPrecondition } from './object-store-support.ts';

const KEY = 'k';
const LIKE: Sight = { etag: '', size: 3, lastModified: 0, headers: {}, metadata: {} };

describe.skipIf(!serverAvailable('minio'))('a delete that is taken back', () => {
  let server: S3Server;
  let region: S3Region;
  let bucket: S3Bucket;
  beforeAll(async () => {
    server = await startS3Server('minio');
    region = createS3Region(server);
  });
  afterAll(async () => {
    region?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    bucket = region.bucket(await server.createBucket({ versioned: true }));
  });

  const write = (key: string, contentType: string) =>
    put({ bucket: bucket.name, key }, bucket.connection.calls, undefined, {
      etag: '',
      size: 1,
      lastModified: 0,
      headers: { contentType },
      metadata: {},
    });

  /** What a user does between the look and the delete. */
  const removeWhile = async (ifMatch: string, meanwhile: () => Promise<unknown>): Promise<void> => {
    const { client, calls } = bucket.connection;
    const head: typeof calls.head = async (at) => {
      const seen = await calls.head(at);
      await meanwhile();
      return seen;
    };
    await removeUndoably({ client, calls: { head } }, { bucket: bucket.name, key: KEY }, ifMatch);
  };

  const history = async () => {
    const { Versions = [], DeleteMarkers = [] } = await server.admin.send(new ListObjectVersionsCommand({ Bucket: bucket.name }));
    return { versions: Versions.length, markers: DeleteMarkers.length };
  };

  it('leaves what a user wrote in between, with no marker over it', async () => {
    const { etag } = await bucket.write(KEY, Buffer.from('old'), { size: 3, like: LIKE });

    await expect(removeWhile(etag, () => write(KEY, 'text/new'))).rejects.toSatisfy(isPrecondition('destination'));

    expect(await bucket.head(KEY)).toMatchObject({ present: true, sight: { headers: { contentType: 'text/new' } } });
    expect(await history()).toEqual({ versions: 2, markers: 0 });
  });

  it('leaves what a user wrote, removed and wrote again in between', async () => {
    const { etag } = await write(KEY, 'text/old');
    const again = async (): Promise<void> => {
      await write(KEY, 'text/new');
      await bucket.remove(KEY);
      await bucket.write(KEY, Buffer.from('new'), { size: 3, like: LIKE });
    };

    await expect(removeWhile(etag, again)).rejects.toSatisfy(isPrecondition('destination'));

    expect(await bucket.head(KEY)).toMatchObject({ present: true, sight: { size: 3 } });
  });

  it('loses nothing of who overwrites at the same moment, whichever comes first', async () => {
    await bucket.capabilities();
    const keys = Array.from({ length: 300 }, (_, index) => `raced/${index}`);
    const removals: Promise<void>[] = [];
    // One after the other: where many are under way, the server is too slow for the two to meet.
    for (const key of keys) {
      const { etag } = await write(key, 'text/old');
      const removed = bucket.remove(key, { condition: { ifMatch: etag } });
      removals.push(removed.catch((error: unknown) => expect(error).toSatisfy(isPrecondition('destination'))));
      await bucket.write(key, Buffer.from('new'), { size: 3, like: LIKE });
    }
    await Promise.all(removals);

    const { objects } = await bucket.list({ prefix: 'raced/' });
    expect(objects.filter(({ size }) => size === 3)).toHaveLength(keys.length);
  });

  it('takes no neighbour below its name for what it took away', async () => {
    const { etag } = await write(KEY, 'text/old');
    await write(`${KEY}-neighbour`, 'text/old');

    await removeWhile(etag, async () => undefined);

    expect(await bucket.head(KEY)).toEqual({ present: false });
    expect(await bucket.head(`${KEY}-neighbour`)).toMatchObject({ present: true });
  });

  it('is offered with versions alone', async () => {
    expect(await bucket.capabilities()).toMatchObject({ conditionalDelete: true, versioned: true });
    const without = region.bucket(await server.createBucket());
    expect(await without.capabilities()).toMatchObject({ conditionalDelete: false, versioned: false });
  });
});
