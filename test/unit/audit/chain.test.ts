import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BadEntry, beginCheck, checkEntry, endCheck, type SeenHead } from '../../../lib/core/audit/chain.ts';
import type { StoredEntry } from '../../../lib/ports/audit.ts';
import { altered, chainOf, forged, inPlaces, seenOf } from '../../fixtures/audit-chain.ts';

const CHAIN = chainOf(12);
const HEADS = [4, 9, 12].map((length): SeenHead => ({ length, hash: hashAt(CHAIN, length), authentic: true }));

function hashAt(chain: readonly StoredEntry[], sequence: number): string {
  return chain[sequence - 1]?.hash ?? '';
}

function at(sequence: number): StoredEntry {
  const entry = CHAIN[sequence - 1];
  if (!entry) throw new Error('there is none');
  return entry;
}

function judged(entries: readonly StoredEntry[], heads: readonly SeenHead[] = HEADS): BadEntry | null {
  return endCheck(entries.map(seenOf).reduce(checkEntry, beginCheck(heads)));
}

/** The chain with the entries of these places replaced. */
const withPlaces = (changes: Readonly<Record<number, StoredEntry>>): readonly StoredEntry[] => CHAIN.map((each) => changes[each.sequence] ?? each);
const without = (...gone: readonly number[]): readonly StoredEntry[] => CHAIN.filter(({ sequence }) => !gone.includes(sequence));
const insertedAt = (sequence: number, entry: StoredEntry): readonly StoredEntry[] =>
  inPlaces([...CHAIN.slice(0, sequence - 1), entry, ...CHAIN.slice(sequence - 1)]);

const TAMPERED: readonly (readonly [string, readonly StoredEntry[], BadEntry])[] = [
  ['who did it', withPlaces({ 5: altered(at(5), { actor: 'somebody else' }) }), { fault: 'altered', sequence: 5 }],
  ['when', withPlaces({ 5: altered(at(5), { at: 1 }) }), { fault: 'altered', sequence: 5 }],
  ['a field that no entry has', withPlaces({ 5: altered(at(5), { extra: 1 }) }), { fault: 'altered', sequence: 5 }],
  ['the hash', withPlaces({ 5: { ...at(5), hash: at(6).hash } }), { fault: 'altered', sequence: 5 }],
  ['all of it', withPlaces({ 5: { ...at(5), text: 'gone' } }), { fault: 'altered', sequence: 5 }],
  ['a lone surrogate', withPlaces({ 5: { ...at(5), text: at(5).text.replace('token', '\\ud800') } }), { fault: 'altered', sequence: 5 }],
  ['an entry, with its hash', withPlaces({ 5: forged(at(5), { actor: 'x' }) }), { fault: 'unlinked', sequence: 6 }],
  ['its link', withPlaces({ 5: forged(at(5), { previous: '0'.repeat(64) }) }), { fault: 'unlinked', sequence: 5 }],
  ['the first one', withPlaces({ 1: altered(at(1), { action: 'y' }) }), { fault: 'altered', sequence: 1 }],
  ['two: the first is named', withPlaces({ 7: altered(at(7), { at: 1 }), 5: altered(at(5), { at: 1 }) }), { fault: 'altered', sequence: 5 }],
  ['one removed', without(5), { fault: 'gap', sequence: 5 }],
  ['three removed', without(5, 6, 7), { fault: 'gap', sequence: 5, through: 7 }],
  ['the first removed', without(1), { fault: 'gap', sequence: 1 }],
  ['one removed, the rest moved up', inPlaces(without(5)), { fault: 'gap', sequence: 5 }],
  ['two swapped', withPlaces({ 5: { ...at(6), sequence: 5 }, 6: { ...at(5), sequence: 6 } }), { fault: 'reordered', sequence: 5 }],
  ['one moved to the end', inPlaces([...without(5), at(5)]), { fault: 'reordered', sequence: 5 }],
  ['a copy put in', insertedAt(7, at(3)), { fault: 'doubled', sequence: 7 }],
  ['a copy right behind', insertedAt(6, at(5)), { fault: 'doubled', sequence: 6 }],
  ['a forged one put in', insertedAt(5, forged(at(5), { actor: 'x' })), { fault: 'doubled', sequence: 5, through: 6 }],
  ['the last cut', CHAIN.slice(0, 11), { fault: 'cut', sequence: 12 }],
  ['the end cut', CHAIN.slice(0, 6), { fault: 'cut', sequence: 7, through: 12 }],
  ['all gone', [], { fault: 'cut', sequence: 1, through: 12 }],
];

describe('the check of a chain', () => {
  it('finds nothing in what nobody touched', () => {
    expect(judged(CHAIN)).toBeNull();
    expect(judged([...CHAIN, ...chainOf(3, 'later', at(12))])).toBeNull();
    expect(judged([], [])).toBeNull();
  });

  it.each(TAMPERED)('names the first entry that was tampered with, and how: %s', (_what, entries, bad) => {
    expect(judged(entries)).toEqual(bad);
  });

  it('finds a chain that was written anew between two heads', () => {
    for (const from of [5, 6, 9]) {
      const rewritten = [...CHAIN.slice(0, from - 1), ...chainOf(13 - from, 'somebody else', at(from - 1))];
      expect(judged(rewritten, [])).toBeNull();
      expect(judged(rewritten), `from ${from}`).toEqual({ fault: 'rewritten', sequence: 5, through: 9 });
    }
    expect(judged(chainOf(12, 'somebody else'))).toEqual({ fault: 'rewritten', sequence: 1, through: 4 });
  });

  it('finds a chain that was cut and has grown again', () => {
    expect(judged([...CHAIN.slice(0, 10), ...chainOf(5, 'later', at(10))])).toEqual({ fault: 'rewritten', sequence: 10, through: 12 });
  });

  it('believes no head that the key did not sign, and names it where the chain is sound', () => {
    const fake: SeenHead = { length: 9, hash: 'f'.repeat(64), authentic: false };
    expect(judged(CHAIN, [HEADS[0] ?? fake, fake])).toEqual({ fault: 'forged-head', sequence: 9 });
    expect(judged(CHAIN.slice(0, 3), [fake])).toEqual({ fault: 'forged-head', sequence: 9 });
    expect(judged(CHAIN.slice(0, 3), [...HEADS, fake])).toMatchObject({ fault: 'cut', sequence: 4 });
  });

  it('finds that heads are gone which were signed, where the chain itself is sound', () => {
    const judgedOf = (heads: readonly SeenHead[], signed: number) => endCheck(CHAIN.map(seenOf).reduce(checkEntry, beginCheck(heads, { signed })));
    expect(judgedOf(HEADS, 12)).toBeNull();
    expect(judgedOf(HEADS, 9)).toBeNull();
    expect(judgedOf(HEADS.slice(0, 2), 12)).toEqual({ fault: 'lost-head', sequence: 10, through: 12 });
    expect(judgedOf([], 1)).toEqual({ fault: 'lost-head', sequence: 1 });
  });

  it('names nothing later than what was touched first, whatever was', () => {
    const touched = fc.array(fc.record({ place: fc.integer({ min: 1, max: 12 }), how: fc.constantFrom('alter', 'remove', 'forge') }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(touched, (changes) => {
        const first = Math.min(...changes.map(({ place }) => place));
        const entries = CHAIN.flatMap((entry) => {
          const change = changes.find(({ place }) => place === entry.sequence);
          if (change?.how === 'remove') return [];
          if (change?.how === 'alter') return [altered(entry, { actor: 'x' })];
          return change ? [forged(entry, { actor: 'x' })] : [entry];
        });
        const bad = judged(entries);
        // One that was forged with its hash shows at the next, or at the next head.
        expect(bad?.sequence).toBeLessThanOrEqual(first + 1);
        expect(bad?.through ?? bad?.sequence ?? 0).toBeGreaterThanOrEqual(first);
      }),
      { numRuns: 300 },
    );
  });
});
