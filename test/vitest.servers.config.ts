/** `npm run test:servers`: what runs against S3 servers and the AWS emulator, or takes long, apart from `npm test`, which needs npm alone. */
import { defineConfig, mergeConfig } from 'vitest/config';
import common from '../vitest.config.ts';

export default mergeConfig(
  { ...common, test: { ...common.test, include: [], exclude: [] } },
  defineConfig({ test: { include: ['test/**/*.servers.test.ts'] } }),
);
