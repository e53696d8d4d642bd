/** What takes too long beside the other tests: more schedules of the archive's commit. */
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { simulate } from '../plant.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

it('the commit of the archive violates no invariant in 1,000 schedules', { timeout: 300_000 }, async () => {
  const halves = ['1001', '1501'].map((seed) => simulate(ROOT, ['--archive', '--schedules', '500', '--seed', seed, '--quiet']));

  for (const { output } of await Promise.all(halves)) expect(output).toMatch(/^500 schedules, .* 0 violations$/m);
});
