/** `npm run test:deployed`: apart from `npm test`, since it deploys the app first. */
import { defineConfig } from 'vitest/config';
import { NoSkipsReporter } from '../fixtures/no-skips-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/deployed/**/*.test.ts'],
    globalSetup: ['test/deployed/setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // They mostly wait: for retries, time limits and an emulator that has one core to itself.
    maxWorkers: 4,
    // Within a file one after the other: a file has a pair of buckets, or keys, of its own.
    fileParallelism: true,
    passWithNoTests: false,
    reporters: ['default', new NoSkipsReporter()],
  },
});
