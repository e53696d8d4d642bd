import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIDIRECTIONAL, ONE_WAY } from './modes.ts';
import { runWith, simulate } from './plant.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { type Mode, runOne, runSchedules } from './run-schedules.ts';
import { makeScenario } from './scenario.ts';

const ROOT = resolve(import.meta.dirname, '../..');

async function holdsIn(schedules: number, mode: readonly string[]): Promise<void> {
  const processes = Math.min(2, availableParallelism());
  const each = schedules / processes;

  const runs = await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      simulate(ROOT, ['--schedules', String(each), '--seed', String(1 + index * each), '--quiet', ...mode]),
    ),
  );

  for (const { output } of runs) console.log(output.trim());
  for (const { exitCode, output } of runs) {
    expect(output).toMatch(new RegExp(`^${each} schedules, .* 0 violations$`, 'm'));
    expect(exitCode).toBe(0);
  }
}

async function repeats<S>(mode: Mode<S>): Promise<void> {
  const tell = async (): Promise<readonly string[]> => {
    const lines: string[] = [];
    for (let seed = 1; seed <= 20; seed++) await runOne(mode, mode.make(seed), seed, (line) => lines.push(line));
    return lines;
  };

  const first = await tell();
  const second = await tell();

  expect(first.length).toBeGreaterThan(1000);
  expect(second).toEqual(first);
}

describe('the protocol under seeded chance', () => {
  it('violates no invariant in 20,000 schedules', { timeout: 600_000 }, () => holdsIn(20_000, []));

  it('violates no invariant in 2,000 schedules of a bidirectional route', { timeout: 600_000 }, () => holdsIn(2_000, ['--bidirectional']));

  it('tells the same story for the same seed', async () => {
    await repeats(ONE_WAY);
    await repeats(BIDIRECTIONAL);
  });

  it('comes to the same outcome alone and beside others', async () => {
    const { steps, ran } = await runSchedules(ONE_WAY, 1, 30);
    let alone = 0;
    for (let seed = 1; seed <= 30; seed++) alone += (await runOne(ONE_WAY, makeScenario(seed), seed)).steps;

    expect(ran).toBe(30);
    expect(steps).toBe(alone);
  });
});

describe('a violation', () => {
  it('is told with its seed, its invariant, and a schedule small enough to read', { timeout: 120_000 }, async () => {
    const planted = PLANTED_BUGS.find(({ name }) => name === 'absence is ignored');

    const { exitCode, output } = await runWith(planted?.edits ?? [], ['--schedules', '2000', '--seed', '1']);

    expect(exitCode).toBe(1);
    expect(output).toMatch(/^seed \d+ violates O1: [ab]: the source holds nothing, the destination \S+ /m);
    const shrunk = JSON.parse(/^shrunk to (\{[\s\S]*?^\})$/m.exec(output)?.[1] ?? 'null');
    // Something has to be deleted, and to stand at the destination before: a copy, or what others put there.
    const ops = shrunk.user.map((op: { readonly do: string }) => op.do);
    expect(ops).toContain('delete');
    expect(ops.length).toBe(shrunk.foreign ? 1 : 2);
    expect(Object.values(shrunk.faults).every((fault) => fault === 0)).toBe(true);
    const trace = output.split('\n').filter((line) => /^ +\d+ ms {2}(user|worker\d+) +/.test(line));
    expect(trace.some((line) => line.includes('"do":"delete"'))).toBe(true);
    expect(trace.length).toBeLessThan(60);
    expect(output.trimEnd().split('\n').at(-1)).toMatch(/^O1: /);
  });

  it('can be repeated from its seed', { timeout: 120_000 }, async () => {
    const planted = PLANTED_BUGS.find(({ name }) => name === 'absence is ignored');
    const edits = planted?.edits ?? [];
    const verdict = /^seed (\d+) violates .*$/m;

    const found = verdict.exec((await runWith(edits, ['--schedules', '2000', '--seed', '1', '--quiet'])).output);
    const again = verdict.exec((await runWith(edits, ['--schedules', '1', '--seed', found?.[1] ?? '', '--quiet'])).output);

    expect(found).not.toBeNull();
    expect(again?.[0]).toBe(found?.[0]);
  });
});
