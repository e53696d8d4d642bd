/** The same on two real S3 servers that know nothing of each other. minio keeps versions here: what it deletes against a condition is put back. */
import { describe } from 'vitest';
import { gatewaySuite } from './gateway-suite.ts';
import { GatewayUnderTest, serverRegions } from './gateway-support.ts';
import { serversAvailable } from './s3-support.ts';

describe.skipIf(!serversAvailable())('on S3 servers', () => {
  gatewaySuite('two of versitygw', async () => GatewayUnderTest.create(await serverRegions('versitygw', 'versitygw')));
  gatewaySuite('versitygw and a versioned minio', async () => GatewayUnderTest.create(await serverRegions('versitygw', 'minio')));
});
