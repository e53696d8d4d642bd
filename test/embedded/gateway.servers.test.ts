/** The same on two real S3 servers that know nothing of each other. MinIO is none of them: it deletes whatever If-Match says (SPEC.md, demands). */
import { describe } from 'vitest';
import { gatewaySuite } from './gateway-suite.ts';
import { GatewayUnderTest, serverRegions } from './gateway-support.ts';
import { serversAvailable } from './s3-support.ts';

describe.skipIf(!serversAvailable())('on S3 servers', () => {
  gatewaySuite('two of versitygw', async () => GatewayUnderTest.create(await serverRegions('versitygw', 'versitygw')));
});
