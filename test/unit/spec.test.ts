import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PLANTED_BUGS } from '../simulation/planted-bugs.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BUGS = 'test/simulation/planted-bugs.ts';
const SPEC = readFileSync(resolve(ROOT, 'lib/core/objects/SPEC.md'), 'utf8');

interface Invariant {
  readonly id: string;
  readonly text: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

const INVARIANTS: readonly Invariant[] = [...SPEC.matchAll(/^### (O\d+) .+\n([\s\S]*?)(?=^#{2,3} |(?![\s\S]))/gm)].map(([, id = '', text = '']) => ({
  id,
  text,
  tests: [...text.matchAll(/^- `([^`]+)` › (.+)$/gm)].map(([, file = '', title = '']) => ({ file, title })),
}));
const NAMED = INVARIANTS.flatMap(({ id, tests }) => tests.map((test) => ({ id, ...test })));

/** Titles as they stand in a test file: the first argument of `it`, `it.each(…)`, quoted either way. */
function titles(file: string): readonly string[] {
  if (file === BUGS) return PLANTED_BUGS.map(({ name }) => name);
  const source = readFileSync(resolve(ROOT, file), 'utf8');
  return [...source.matchAll(/(?:\bit|\]\s*(?:as const)?\))\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)].map(
    ([, single, double]) => single ?? double ?? '',
  );
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
