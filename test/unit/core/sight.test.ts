import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalMap, shortHash } from '../../../lib/core/hash.ts';
import { type Checksum, printOf, sameBytes, sameProperties, tagsPrintOf } from '../../../lib/core/objects/sight.ts';
import { aSight } from './records.ts';

const words = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', '', '1', '02'), fc.string());
const entries = fc.uniqueArray(fc.tuple(words, fc.string()), { selector: ([name]) => name, maxLength: 8 });

function checksum(value: string, over: Partial<Checksum> = {}): Checksum {
  return { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', value, ...over };
}

describe('a fingerprint', () => {
  it('does not hang on the order of entries, whatever their names', () => {
    fc.assert(
      fc.property(entries, (list) => {
        expect(canonicalMap(Object.fromEntries(list))).toBe(canonicalMap(Object.fromEntries([...list].reverse())));
        expect(printOf(aSight({ metadata: Object.fromEntries(list) }))).toBe(printOf(aSight({ metadata: Object.fromEntries([...list].reverse()) })));
      }),
    );
  });

  it('is another for other entries', () => {
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        const sorted = (list: readonly (readonly [string, string])[]): string =>
          JSON.stringify([...list].sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0)));
        expect(canonicalMap(Object.fromEntries(a)) === canonicalMap(Object.fromEntries(b))).toBe(sorted(a) === sorted(b));
      }),
    );
  });

  it('sees metadata named __proto__', () => {
    const named = aSight({ metadata: JSON.parse('{"__proto__":"1"}') });

    expect(printOf(named)).not.toBe(printOf(aSight()));
    expect(printOf(named)).not.toBe(printOf(aSight({ metadata: JSON.parse('{"__proto__":"2"}') })));
  });

  it('tells a header from metadata of the same name', () => {
    expect(printOf(aSight({ headers: { contentType: 'x' } }))).not.toBe(printOf(aSight({ metadata: { contentType: 'x' } })));
  });

  it('of tags is none when they were not looked at', () => {
    expect(tagsPrintOf(aSight())).toBeUndefined();
    expect(tagsPrintOf(aSight({ tags: {} }))).toBe(tagsPrintOf(aSight({ tags: {} })));
    expect(tagsPrintOf(aSight({ tags: { t: '1' } }))).not.toBe(tagsPrintOf(aSight({ tags: {} })));
  });

  it('stays what it is: records keep it', () => {
    expect([shortHash(''), shortHash('a'), shortHash('tidemark')]).toEqual(['wvjl67o803', '262p94epp1d', '1b9egyjnzyq']);
  });

  it('meets no other among a hundred thousand', () => {
    const seen = new Set(Array.from({ length: 100_000 }, (_, index) => shortHash(`key ${index}`)));

    expect(seen.size).toBe(100_000);
  });
});

describe('equal bytes', () => {
  it('are shown by full-object checksums of one kind, whatever the etags', () => {
    expect(sameBytes(aSight({ etag: 'a-2', checksum: checksum('x') }), aSight({ etag: 'b', checksum: checksum('x') }))).toBe(true);
    expect(sameBytes(aSight({ checksum: checksum('x') }), aSight({ checksum: checksum('y') }))).toBe(false);
  });

  it.each([
    ['a composite one', checksum('y', { type: 'COMPOSITE' })],
    ['one of another kind', checksum('y', { algorithm: 'SHA256' })],
    ['none', undefined],
  ])('are judged by the etag where the other checksum is %s', (_what, other) => {
    const theirs = other ? { checksum: other } : {};

    expect(sameBytes(aSight({ checksum: checksum('x') }), aSight(theirs))).toBe(true);
    expect(sameBytes(aSight({ checksum: checksum('x') }), aSight({ ...theirs, etag: 'e2' }))).toBe(false);
  });

  it('have one size', () => {
    expect(sameBytes(aSight(), aSight({ size: 11 }))).toBe(false);
  });
});

describe('equal properties', () => {
  it('are headers, metadata, and tags where both were looked at', () => {
    expect(sameProperties(aSight({ tags: { t: '1' } }), aSight({ tags: { t: '1' } }))).toBe(true);
    expect(sameProperties(aSight({ tags: { t: '1' } }), aSight())).toBe(true);
    expect(sameProperties(aSight({ tags: { t: '1' } }), aSight({ tags: {} }))).toBe(false);
    expect(sameProperties(aSight({ metadata: { m: '1' } }), aSight())).toBe(false);
    expect(sameProperties(aSight({ headers: { expires: 'x' } }), aSight())).toBe(false);
  });
});
