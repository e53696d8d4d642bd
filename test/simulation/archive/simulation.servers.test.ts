/** What takes too long beside the other tests: more schedules of the archive's commit, and more planted bugs. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runWith, simulate } from '../plant.ts';
import { MORE_ARCHIVE_BUGS } from '../planted-archive-bugs.ts';
import { argsFor, WINDOW } from '../planted-bug.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const VIOLATION = /^seed \d+ violates (T\d+): .+$/m;

describe('the commit of the archive', () => {
  it('violates no invariant in 1,000 schedules', { timeout: 300_000 }, async () => {
    const halves = ['1001', '1501'].map((seed) => simulate(ROOT, ['--archive', '--schedules', '500', '--seed', seed, '--quiet']));

    for (const { output } of await Promise.all(halves)) expect(output).toMatch(/^500 schedules, .* 0 violations$/m);
  });

  it.each(MORE_ARCHIVE_BUGS)('shows a planted bug: $name', { timeout: 300_000 }, async (planted) => {
    const { output } = await runWith(planted.edits, argsFor(planted, WINDOW, planted.seed));

    expect(output).toMatch(VIOLATION);
    expect(planted.breaks).toContain(VIOLATION.exec(output)?.[1]);
  });
});
