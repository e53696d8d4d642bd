import { describe, expect, it } from 'vitest';
import { invariantsOf, titlesIn } from '../../fixtures/specification.ts';

const INVARIANTS = invariantsOf('lib/core/audit/SPEC.md', 'A');
const NAMED = INVARIANTS.flatMap(({ id, tests }) => tests.map((test) => ({ id, ...test })));

describe('the specification of the audit trail', () => {
  it('has the invariants A1 to A8, in order, and names a test for each', () => {
    expect(INVARIANTS.map(({ id }) => id)).toEqual(Array.from({ length: 8 }, (_, index) => `A${index + 1}`));
    expect(INVARIANTS.filter(({ tests }) => tests.length === 0).map(({ id }) => id)).toEqual([]);
  });

  it.each(NAMED)('$id: $file › $title exists', ({ file, title }) => {
    expect(titlesIn(file)).toContain(title);
  });
});
