import { defineConfig } from 'vitest/config';
import { NoSkipsReporter } from './test/fixtures/no-skips-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**', 'test/deployed/**', '**/*.servers.test.ts', '**/node_modules/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Processes, not threads: a test may crash a worker or hold a SQLite lock without touching its neighbours.
    pool: 'forks',
    // The default leaves one core to the runner; most of these tests wait for a disk or a server.
    maxWorkers: '100%',
    passWithNoTests: false,
    reporters: ['default', new NoSkipsReporter()],
  },
});
