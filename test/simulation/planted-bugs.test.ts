import { describe, expect, it } from 'vitest';
import { runWith } from './plant.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { plantedBugsSuite } from './planted-bugs-suite.ts';

// Those of the log and of the archive take their turn with the tests against servers: these here must not take longer than people wait.
plantedBugsSuite(PLANTED_BUGS.filter(({ log, archive }) => !log && !archive));

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
