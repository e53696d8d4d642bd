import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { simulate } from '../plant.ts';
import { runOne } from '../run-schedules.ts';
import { ARCHIVE } from './mode.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('the commit of the archive under seeded chance', () => {
  it('violates no invariant in 50 schedules', { timeout: 600_000 }, async () => {
    const { exitCode, output } = await simulate(ROOT, ['--archive', '--schedules', '50', '--quiet']);

    console.log(output.trim());
    expect(output).toMatch(/^50 schedules, .* 0 violations$/m);
    expect(exitCode).toBe(0);
  });

  it('tells the same story for the same seed', async () => {
    const tell = async (): Promise<readonly string[]> => {
      const lines: string[] = [];
      for (let seed = 1; seed <= 3; seed++) await runOne(ARCHIVE, ARCHIVE.make(seed), seed, (line) => lines.push(line));
      return lines;
    };

    const first = await tell();

    expect(first.length).toBeGreaterThan(100);
    expect(await tell()).toEqual(first);
  });
});
