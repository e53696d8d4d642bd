import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange, rangeHeader, resolveRange } from '../../../lib/core/gateway/range.ts';

describe('the Range header', () => {
  it.each([
    'bytes=0-1, 3-4',
    'bytes=0-1,',
    'bytes 0-1',
    'items=0-1',
    'bytes=-',
    'bytes=',
    'bytes=1',
    'bytes=--1',
    'bytes=1-0',
    'bytes=0x1-2',
    'bytes=1.5-2',
    '',
  ])('is ignored where it is not one range of bytes: %j', (header) => {
    expect(parseRange(header)).toBeNull();
  });

  it.each(['bytes=0-1', 'Bytes = 0 - 1 '])('is read: %j', (header) => {
    expect(parseRange(header)).toEqual({ first: 0, last: 1 });
  });

  const ends = fc.oneof(fc.nat(20), fc.nat(), fc.maxSafeNat());

  it('names bytes that are there, those that were asked for and no others', () => {
    fc.assert(
      fc.property(fc.option(ends), fc.option(ends), fc.nat(15), (from, to, size) => {
        const asked = parseRange(`bytes=${from ?? ''}-${to ?? ''}`);
        if (asked === null) {
          expect(from === null ? to === null : to !== null && to < from).toBe(true);
          return;
        }
        expect(parseRange(rangeHeader(asked))).toEqual(asked);
        const all = Array.from({ length: size }, (_, i) => i);
        const wanted = from === null ? (to ? all.slice(-to) : []) : all.slice(from, to === null ? undefined : to + 1);
        const range = resolveRange(asked, size);
        if (range === 'unsatisfiable') expect(wanted).toEqual([]);
        else if (range === 'whole') expect([size, from]).toEqual([0, null]);
        else {
          expect(all.slice(range.start, range.end + 1)).toEqual(wanted);
          expect(range.end).toBeLessThan(size);
        }
        if (wanted.length > 0) expect(range).not.toBe('unsatisfiable');
      }),
    );
  });
});
