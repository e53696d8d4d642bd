/** A route whose source is another bucket than before, or one of that name at another endpoint: nothing is deleted until a person says so. */
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Region } from '../../lib/adapters/s3/index.ts';
import { type S3Server, startS3Server } from '../fixtures/s3-servers.ts';
import type { SourcePlace } from './s3-pair.ts';
import { LINKS, S3HostUnderTest, serversAvailable } from './s3-support.ts';
import { put } from './support.ts';

const KEYS = ['a.txt', 'b/c.txt'];
const available = serversAvailable();

for (const link of LINKS) {
  describe.skipIf(!available)(`from ${link.source} to ${link.destination}`, () => {
    let host: S3HostUnderTest;
    let other: S3Server | null = null;
    const health = async (): Promise<string> => JSON.stringify((await host.call('GET', '/healthz')).body);

    /** It holds something: what lists nothing deletes nothing anyway. */
    const fill = async (server: S3Server, bucket: string): Promise<void> => {
      const region = createS3Region(server);
      await put(region.bucket(bucket), 'other.txt', 'other');
      region.close();
    };
    const PLACES: Readonly<Record<string, () => Promise<Partial<SourcePlace>>>> = {
      'another bucket': async () => {
        const [server] = host.pair.servers;
        const bucket = await server.createBucket();
        await fill(server, bucket);
        return { bucket };
      },
      'another endpoint': async () => {
        other = await startS3Server(link.source);
        await other.admin.send(new CreateBucketCommand({ Bucket: host.source.name }));
        await fill(other, host.source.name);
        return { endpoint: other.endpoint };
      },
    };

    beforeEach(async () => {
      host = await S3HostUnderTest.create({ ...link, limits: { reconcileSec: 1, deleteGraceSec: 0 } });
      for (const key of KEYS) await put(host.source, key, key);
      for (const key of KEYS) await host.arrives(key, key);
      await host.settles();
      await host.stop();
    });
    afterEach(async () => {
      await host.dispose();
      await other?.stop();
      other = null;
    });

    it.each(Object.entries(PLACES))(
      'deletes nothing at %s until a person says so, and stays resumed',
      async (_name, make) => {
        host.repoint(await make());

        await host.start();

        // The reconcile has found what is gone, and a delete was tried.
        for (const key of KEYS) {
          await host.eventually(async () => (await host.events(key)).some(({ lastError }) => lastError?.includes('DELETES_PAUSED')), true);
        }
        await host.arrives('other.txt', 'other');
        for (const key of KEYS) await host.arrives(key, key);
        expect(host.warnings.join('\n')).toContain('the source of the route is another one than before: its deletes are paused');
        expect((await host.call('GET', '/healthz')).status).toBe(503);
        expect(await health()).toContain('deletes of route primary-secondary have been paused');

        const resumed = await host.call('POST', '/routes/primary-secondary/resume', { acceptDeletes: true });

        expect(resumed.status).toBe(200);
        for (const key of KEYS) await host.goes(key);
        await host.arrives('other.txt', 'other');
        await host.stop();
        await host.start();
        expect((await host.call('GET', '/healthz')).status).toBe(200);
      },
      60_000,
    );

    it('says nothing of a source that is the same as before', async () => {
      await host.start();

      expect((await host.call('GET', '/healthz')).status).toBe(200);
      expect(host.warnings.join('\n')).not.toContain('the source of the route is another one than before');
    }, 60_000);
  });
}
