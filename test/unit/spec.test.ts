import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { invariantsOf, titlesIn, watchedBy } from '../fixtures/specification.ts';
import { MORE_ARCHIVE_BUGS } from '../simulation/planted-archive-bugs.ts';
import type { PlantedBug } from '../simulation/planted-bug.ts';
import { PLANTED_BUGS } from '../simulation/planted-bugs.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe.each([
  {
    what: 'replicating one key',
    file: 'lib/core/objects/SPEC.md',
    letter: 'O',
    last: 11,
    monitors: ['monitor.ts', 'pair-monitor.ts', 'record-checks.ts'],
  },
  { what: 'failover', file: 'lib/core/gateway/SPEC.md', letter: 'G', last: 12, monitors: ['gateway/monitor.ts', 'gateway/world.ts'] },
  { what: "the archive's tables", file: 'lib/core/iceberg/SPEC.md', letter: 'T', last: 8, monitors: ['archive/monitor.ts', 'archive/world.ts'] },
])('the specification of $what', ({ file, letter, last, monitors }) => {
  const invariants = invariantsOf(file, letter);
  const known = new Set(invariants.map(({ id }) => id));

  it(`has its ${last} invariants, in order`, () => {
    expect(invariants.map(({ id }) => id)).toEqual(Array.from({ length: last }, (_, index) => `${letter}${index + 1}`));
  });

  it('names a test for every invariant', () => {
    expect(invariants.filter(({ tests }) => tests.length === 0).map(({ id }) => id)).toEqual([]);
  });

  it.each(invariants.flatMap(({ id, tests }) => tests.map((test) => ({ id, ...test }))))('$id: $file › $title exists', (named) => {
    expect(existsSync(resolve(ROOT, named.file))).toBe(true);
    expect(titlesIn(named.file)).toContain(named.title);
  });

  it('has every invariant that the simulator watches', () => {
    const watched = watchedBy(monitors);

    expect(watched.size).toBeGreaterThan(5);
    expect([...watched].filter((id) => !known.has(id))).toEqual([]);
  });

  it('says of the planted bugs which invariants they break', () => {
    const planted = [...PLANTED_BUGS, ...MORE_ARCHIVE_BUGS].filter((one) => letter === letterOf(one));

    expect(planted.length).toBeGreaterThan(5);
    for (const { name, breaks } of planted) {
      expect(breaks, name).not.toEqual([]);
      expect(breaks.filter((id) => !known.has(id))).toEqual([]);
    }
  });
});

function letterOf({ gateway, archive, log }: PlantedBug): string {
  if (gateway) return 'G';
  if (archive) return 'T';
  return log ? 'L' : 'O';
}

it('a test that is not there would be missed', () => {
  expect(titlesIn('test/unit/core/plan.test.ts')).not.toContain('no such test');
  expect(titlesIn('test/unit/core/plan.test.ts').length).toBeGreaterThan(10);
});
