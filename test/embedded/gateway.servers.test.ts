/** The same on two real S3 servers that know nothing of each other. minio keeps versions here: what it deletes against a condition is put back. */
import { afterEach, describe, expect, it } from 'vitest';
import { gatewaySuite } from './gateway-suite.ts';
import { GatewayUnderTest, serverRegions } from './gateway-support.ts';
import { serversAvailable } from './s3-support.ts';

describe.skipIf(!serversAvailable())('on S3 servers', () => {
  gatewaySuite('two of versitygw', async () => GatewayUnderTest.create(await serverRegions('versitygw', 'versitygw')));
  gatewaySuite('versitygw and a versioned minio', async () => GatewayUnderTest.create(await serverRegions('versitygw', 'minio')));

  describe('a minio without versions', () => {
    let gateway: GatewayUnderTest | null = null;
    afterEach(() => gateway?.dispose());

    it('takes no writes that nobody could carry over, and says what to do', async () => {
      gateway = await GatewayUnderTest.create(await serverRegions('versitygw', 'minio', false));
      const why = expect.stringContaining('region secondary must honour If-Match on deletes, or keep versions');

      const write = await gateway.put('k', 'x');
      const health = await gateway.call('GET', '/healthz');
      const promoted = await gateway.call('POST', '/admin/failover/promote');

      expect(await write.json()).toMatchObject({ status: 503, type: 'urn:tidemark:problem:no-writer', detail: why });
      expect(health).toMatchObject({
        status: 503,
        body: { checks: expect.arrayContaining([expect.objectContaining({ what: 'gateway', message: why })]) },
      });
      expect(promoted).toMatchObject({ status: 409, body: { detail: why } });
      expect(await gateway.regions.stores.primary.head('k')).toEqual({ present: false });
    });
  });
});
