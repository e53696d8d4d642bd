import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareUtf8 } from '../../../lib/core/objects/byte-order.ts';
import { compareSequencers } from '../../../lib/core/objects/sequencer.ts';

const sequencers = fc.string({ unit: fc.constantFrom(...'0123456789ABCDEFabcdef'), minLength: 1, maxLength: 20 });

describe('sequencers', () => {
  it.each([
    ['0055AED6DCD90281E5', '0055AED6DCD90281E6', -1],
    ['11', '108', 1],
    ['11', '110', 0],
    ['00aB', '00Ab', 0],
    ['1', '1000000001', -1],
  ])('%s against %s is %i: padded on the right, case aside', (a, b, order) => {
    expect(compareSequencers(a, b)).toBe(order);
  });

  it.each(['', 'xyz', '12 ', '0x12', '-1', '1.5', 'A'.repeat(65)])('has no order for %j', (nonsense) => {
    expect(compareSequencers(nonsense, '12')).toBeUndefined();
    expect(compareSequencers('12', nonsense)).toBeUndefined();
  });

  it('has no order where one is missing', () => {
    expect(compareSequencers(undefined, '12')).toBeUndefined();
    expect(compareSequencers('12', undefined)).toBeUndefined();
  });

  it('is the order of the numbers that they are the digits after the point of', () => {
    fc.assert(
      fc.property(sequencers, sequencers, (a, b) => {
        const value = (text: string): bigint => BigInt(`0x${text}`) << BigInt(4 * (20 - text.length));
        expect(compareSequencers(a, b)).toBe(value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0);
      }),
    );
  });

  it('is transitive', () => {
    fc.assert(
      fc.property(sequencers, sequencers, sequencers, (a, b, c) => {
        const [x, y, z] = [a, b, c].sort((left, right) => compareSequencers(left, right) ?? 0);
        expect(compareSequencers(x, z)).toBeLessThanOrEqual(0);
        expect(compareSequencers(x, y)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('byte order', () => {
  it('puts U+10000 and above after U+FFFF, where UTF-16 does not', () => {
    expect(['\uFFFF', '\u{10000}'].sort()).toEqual(['\u{10000}', '\uFFFF']);
    expect(compareUtf8('\u{10000}', '\uFFFF')).toBeGreaterThan(0);
  });

  it('is that of the bytes', () => {
    const keys = fc.string({
      unit: fc.oneof(
        fc.constantFrom('a', '/', '\uE000', '\uFFFF', '\u{10000}', '\u{10FFFF}', 'é'),
        fc.string({ unit: 'binary', maxLength: 1, minLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 1000 },
    );
  });
});
