import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { invariantsIn, titlesIn } from '../fixtures/specification.ts';
import { PLANTED_BUGS } from '../simulation/planted-bugs.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BUGS = 'test/simulation/planted-bugs.ts';
const INVARIANTS = invariantsIn('lib/core/objects/SPEC.md', 'O');
const NAMED = INVARIANTS.flatMap(({ id, tests }) => tests.map((test) => ({ id, ...test })));

function titles(file: string): readonly string[] {
  return file === BUGS ? PLANTED_BUGS.map(({ name }) => name) : titlesIn(file);
}

describe('the specification of replicating one key', () => {
  it('has the invariants O1 to O11, in order', () => {
    expect(INVARIANTS.map(({ id }) => id)).toEqual(Array.from({ length: 11 }, (_, index) => `O${index + 1}`));
  });

  it('names a test for every invariant', () => {
    expect(INVARIANTS.filter(({ tests }) => tests.length === 0).map(({ id }) => id)).toEqual([]);
  });

  it.each(NAMED)('$id: $file › $title exists', ({ file, title }) => {
    expect(existsSync(resolve(ROOT, file))).toBe(true);
    expect(titles(file)).toContain(title);
  });

  it('would miss a test that is not there', () => {
    expect(titles('test/unit/core/plan.test.ts')).not.toContain('no such test');
    expect(titles('test/unit/core/plan.test.ts').length).toBeGreaterThan(10);
  });

  it('has every invariant that the simulator watches', () => {
    const monitors = ['monitor.ts', 'pair-monitor.ts', 'record-checks.ts'].map((file) =>
      readFileSync(resolve(ROOT, 'test/simulation', file), 'utf8'),
    );
    const watched = new Set(monitors.flatMap((monitor) => [...monitor.matchAll(/violate\('(O\d+)'/g)].map(([, id]) => id)));

    expect(watched.size).toBeGreaterThan(5);
    expect([...watched].filter((id) => !INVARIANTS.some((invariant) => invariant.id === id))).toEqual([]);
  });

  it('says of the planted bugs which invariants they break', () => {
    const known = new Set(INVARIANTS.map(({ id }) => id));

    for (const { name, breaks } of PLANTED_BUGS) {
      expect(breaks, name).not.toEqual([]);
      expect(breaks.filter((id) => !known.has(id))).toEqual([]);
    }
  });
});
