import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Bench, Scale } from '../support/result.ts';
import { whole } from '../support/rounds.ts';

const SUMMARY = /^(\d+) schedules, (\d+) steps, ([\d.]+) s, (\d+) schedules\/s, (\d+) violations$/m;

export const simulator: Bench = simulating('simulator', { small: 4_000, full: 40_000 }, false);

/** The record of docs/benchmarks.md: takes about twenty minutes. */
export const millionSchedules: Bench = simulating('million-schedules', { small: 4_000, full: 1_000_000 }, true);

function simulating(name: string, schedules: Readonly<Record<Scale, number>>, onlyByName: boolean): Bench {
  return {
    name,
    onlyByName,
    run: async ({ scale }) => {
      const script = join(import.meta.dirname, '../../simulation/run.ts');
      const child = spawn(process.execPath, [script, '--schedules', String(schedules[scale]), '--quiet'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      const found = SUMMARY.exec(printed);
      if (code !== 0 || !found) throw new Error(`the simulator ended with ${code}: ${printed}`);
      const [ran = 0, steps = 0, seconds = 0, perSecond = 0, violations = 0] = found.slice(1).map(Number);
      return {
        title: 'The simulator',
        what: 'Seeded schedules of the real core and use-cases over modelled stores, queue and table, on one core, from seed 1 on.',
        columns: ['schedules', 'steps', 'seconds', 'schedules/s', 'violations'],
        rows: [[whole(ran), whole(steps), String(seconds), whole(perSecond), String(violations)]],
        goals: [],
        notes: [],
        runs: {},
        figures: { schedulesPerSecond: perSecond, violations },
      };
    },
  };
}
