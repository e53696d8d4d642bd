import { gatewaySuite } from './gateway-suite.ts';
import { folderRegions, GatewayUnderTest } from './gateway-support.ts';

gatewaySuite('two folders', async () => GatewayUnderTest.create(await folderRegions()));
