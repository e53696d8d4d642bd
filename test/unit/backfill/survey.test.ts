import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInRange, rangesBetween } from '../../../lib/core/backfill/ranges.ts';
import { Survey } from '../../../lib/core/backfill/survey.ts';
import { AWKWARD_KEYS } from '../../fixtures/awkward-keys.ts';

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

interface Surveyed {
  readonly survey: Survey;
  readonly looks: number;
}

/** A survey of these keys, in pages as a store gives them. */
function surveyed(keys: readonly string[], { looks = 24, page = 1000, prefix = '' } = {}): Surveyed {
  const sorted = [...new Set(keys)].filter((key) => key.startsWith(prefix)).sort(byBytes);
  const survey = new Survey(prefix, looks);
  let looked = 0;
  for (let next = survey.next(); next !== null; next = survey.next()) {
    const { startAfter } = next;
    const rest = startAfter === undefined ? sorted : sorted.filter((key) => byBytes(key, startAfter) > 0);
    survey.saw(
      rest.slice(0, page).map((key) => ({ key, size: 10 })),
      rest.length > page,
    );
    looked++;
  }
  return { survey, looks: looked };
}

const anyKey = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('a', 'b', '/', '0', '\u{10000}', '\uE000', '\uFFEE', ' '), minLength: 1, maxLength: 8 }),
  fc.constantFrom(...AWKWARD_KEYS.map(({ key }) => key)),
);

describe('ranges', () => {
  it('hold every key in exactly one of them, whatever the boundaries', () => {
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 40 }), fc.array(anyKey, { maxLength: 12 }), (keys, boundaries) => {
        const ranges = rangesBetween(boundaries);
        // A boundary is the key that is most easily counted twice or not at all.
        for (const key of [...keys, ...boundaries]) expect(ranges.filter((range) => isInRange(range, key))).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  it('are in UTF-8 byte order, one after the other', () => {
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 12 }), (boundaries) => {
        const ranges = rangesBetween(boundaries);
        for (const [index, { after, through }] of ranges.entries()) {
          expect(after).toBe(ranges[index - 1]?.through);
          if (after !== undefined && through !== undefined) expect(byBytes(after, through)).toBeLessThan(0);
        }
        expect(ranges[0]?.after).toBeUndefined();
        expect(ranges.at(-1)?.through).toBeUndefined();
      }),
    );
  });
});

describe('a survey', () => {
  it('proposes boundaries that put every key into exactly one range, whatever the keys', () => {
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 200 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 12 }), (keys, page, parts) => {
        const { survey, looks } = surveyed(keys, { page, looks: 16 });
        const boundaries = survey.boundaries(parts);
        expect(looks).toBeLessThanOrEqual(16);
        expect(boundaries.length).toBeLessThan(parts);
        expect(boundaries.every((boundary) => boundary.isWellFormed())).toBe(true);
        const ranges = rangesBetween(boundaries);
        for (const key of keys) expect(ranges.filter((range) => isInRange(range, key))).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it('counts exactly what it saw whole, and never less than it saw', () => {
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 100 }), fc.integer({ min: 1, max: 50 }), (keys, page) => {
        const { survey } = surveyed(keys, { page, looks: 8 });
        const { objects, bytes, exact } = survey.result();
        const distinct = new Set(keys).size;
        if (exact) expect({ objects, bytes }).toEqual({ objects: distinct, bytes: distinct * 10 });
        else expect(objects).toBeGreaterThanOrEqual(Math.min(distinct, page));
      }),
      { numRuns: 300 },
    );
  });

  const hex = (n: number): string => ((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0');
  const day = (n: number): string => `${String(1 + (n % 12)).padStart(2, '0')}/${String(1 + (n % 28)).padStart(2, '0')}`;
  it.each([
    ['numbers', (n: number) => `key-${String(n).padStart(8, '0')}`],
    ['hashes', (n: number) => hex(n)],
    ['days and hashes', (n: number) => `logs/2026/${day(n)}/${hex(n)}.json`],
    ['folders by a hash', (n: number) => `data/${hex(n).slice(0, 2)}/${n}`],
  ])('guesses how many keys there are within a factor of three: %s', (_name, name) => {
    const keys = Array.from({ length: 60_000 }, (_, n) => name(n));

    const { survey, looks } = surveyed(keys, { page: 200, prefix: keys[0]?.slice(0, 2) === 'lo' ? 'logs/' : '' });
    const { objects, exact } = survey.result();

    expect(exact).toBe(false);
    expect(looks).toBe(24);
    expect(objects).toBeGreaterThan(20_000);
    expect(objects).toBeLessThan(180_000);
  });

  it('splits into parts of some size each', () => {
    const keys = Array.from({ length: 60_000 }, (_, n) => `key-${String(n).padStart(8, '0')}`);

    const ranges = rangesBetween(surveyed(keys, { page: 200, looks: 100 }).survey.boundaries(10));

    expect(ranges).toHaveLength(10);
    const sizes = ranges.map((range) => keys.filter((key) => isInRange(range, key)).length);
    expect(Math.max(...sizes)).toBeLessThan(20_000);
    expect(Math.min(...sizes)).toBeGreaterThan(1_000);
  });
});
