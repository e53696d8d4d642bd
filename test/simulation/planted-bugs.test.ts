import { describe, expect, it } from 'vitest';
import { runWith } from './plant.ts';
import { argsFor, WINDOW } from './planted-bug.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';

const VIOLATION = /^seed \d+ violates ([OGLT]\d+): .+$/m;

/** Two at a time: each run is a process that keeps a core busy. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const run = (lanes.shift() ?? Promise.resolve()).then(work);
  lanes.push(run.catch(() => undefined));
  return run;
}

describe.concurrent('a planted bug is found:', () => {
  it.for(PLANTED_BUGS)('$name', { timeout: 300_000 }, async (planted, { expect }) => {
    const { exitCode, output } = await inTurn(() => runWith(planted.edits, argsFor(planted, WINDOW, planted.seed)));

    expect(output).toMatch(VIOLATION);
    expect(exitCode).toBe(1);
    expect(planted.breaks).toContain(VIOLATION.exec(output)?.[1]);
  });
});

describe('the list of planted bugs', () => {
  it('names each once', () => {
    const names = PLANTED_BUGS.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
  });

  it('refuses one that no longer applies', async () => {
    const stale = { file: 'lib/core/retry.ts', find: 'no such text', replace: '' };

    await expect(runWith([stale], ['--schedules', '1'])).rejects.toThrow('the bug no longer applies');
  });
});
