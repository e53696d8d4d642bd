import { describe, it } from 'vitest';
import { runWith } from './plant.ts';
import { argsFor, type PlantedBug, WINDOW } from './planted-bug.ts';

const VIOLATION = /^seed \d+ violates ([OGLT]\d+): .+$/m;

/** Two at a time: each run is a process that keeps a core busy. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const run = (lanes.shift() ?? Promise.resolve()).then(work);
  lanes.push(run.catch(() => undefined));
  return run;
}

/** Each of them makes the simulator tell of an invariant that it breaks. */
export function plantedBugsSuite(bugs: readonly PlantedBug[]): void {
  describe.concurrent('a planted bug is found:', () => {
    it.for(bugs)('$name', { timeout: 300_000 }, async (planted, { expect }) => {
      const { exitCode, output } = await inTurn(() => runWith(planted.edits, argsFor(planted, WINDOW, planted.seed)));

      expect(output).toMatch(VIOLATION);
      expect(exitCode).toBe(1);
      expect(planted.breaks).toContain(VIOLATION.exec(output)?.[1]);
    });
  });
}
