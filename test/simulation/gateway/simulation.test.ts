import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { simulate } from '../plant.ts';
import { runOne } from '../run-schedules.ts';
import { GATEWAY } from './mode.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('the failover of the gateway under seeded chance', () => {
  it('violates no invariant in 2,000 schedules', { timeout: 600_000 }, async () => {
    const halves = ['1', '1001'].map((seed) => simulate(ROOT, ['--gateway', '--schedules', '1000', '--seed', seed, '--quiet']));

    for (const { exitCode, output } of await Promise.all(halves)) {
      console.log(output.trim());
      expect(output).toMatch(/^1000 schedules, .* 0 violations$/m);
      expect(exitCode).toBe(0);
    }
  });

  it('tells the same story for the same seed', async () => {
    const tell = async (): Promise<readonly string[]> => {
      const lines: string[] = [];
      for (let seed = 1; seed <= 10; seed++) await runOne(GATEWAY, GATEWAY.make(seed), seed, (line) => lines.push(line));
      return lines;
    };

    const first = await tell();

    expect(first.length).toBeGreaterThan(1000);
    expect(await tell()).toEqual(first);
  });
});
