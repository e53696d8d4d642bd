import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../lib/adapters/system/canonical-json.ts';
import { BEGINNING, entryAfter, isEntry } from '../../../lib/core/audit/entry.ts';
import { storedEntry } from '../../../lib/usecases/audit/stored.ts';

const detailsOf = (details: Readonly<Record<string, unknown>>): unknown => entryAfter(BEGINNING, { action: 'a', actor: 'token', details }, 1).details;

describe('an entry', () => {
  it('follows the one before it', () => {
    const event = { action: 'pauseRoute', actor: 'local', subject: '/routes/a-b/pause' };

    expect(entryAfter({ sequence: 41, hash: 'ab' }, event, 1_000)).toEqual({ sequence: 42, at: 1_000, ...event, previous: 'ab' });
    expect(BEGINNING).toEqual({ sequence: 0, hash: '0'.repeat(64) });
  });

  it('has the hash of its canonical JSON', () => {
    const entry = entryAfter(BEGINNING, { action: 'a', actor: 'é', details: { b: 1.0, a: 'x' } }, 1_000);

    expect(storedEntry(canonicalJson, entry)).toEqual({
      sequence: 1,
      text: `{"action":"a","actor":"é","at":1000,"details":{"a":"x","b":1},"previous":"${'0'.repeat(64)}","sequence":1}`,
      // As `sha256sum` says of this text.
      hash: 'cf182306b94a09891aa421c8758bb9893c7932f53d47119f548cc50a8ab836d3',
    });
  });

  it('bounds whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 3_000 }),
        fc.dictionary(fc.string(), fc.anything({ maxDepth: 6, withBigInt: true })),
        (text, details) => {
          const entry = entryAfter(BEGINNING, { action: text, actor: text, subject: text, details }, 1);
          const { text: stored } = storedEntry(canonicalJson, entry);

          expect(JSON.parse(stored)).toEqual(entry);
          expect(isEntry(JSON.parse(stored))).toBe(true);
          expect(stored.length).toBeLessThan(8_192);
        },
      ),
      { numRuns: 100 },
    );
    const long = 'x'.repeat(10_000);
    const large = detailsOf({ first: 1, ...Object.fromEntries(Array.from({ length: 19 }, (_, n) => [`n${n}`, long])), last: 1 });
    expect(JSON.stringify(large).length).toBeLessThan(4_200);
    expect(large).toMatchObject({ first: 1, n0: `${'x'.repeat(299)}…`, cut: true });
    expect(detailsOf({ ids: Array.from({ length: 1_000 }, (_, n) => `id-${n}`) })).toMatchObject({
      ids: expect.arrayContaining(['id-19', '(and 980 more)']),
    });
    expect(detailsOf({ a: { b: { c: [1, 2] } }, none: undefined })).toEqual({ a: { b: { c: '(2 entries)' } } });
  });

  it('keeps no secrets', () => {
    const details = {
      apiToken: 'abc',
      password: 1,
      body: { secretAccessKey: 'abc', nested: { authorization: 'Bearer abc' }, list: [{ sessionToken: 'abc' }] },
      url: 'https://s3/b/k?X-Amz-Algorithm=v4&X-Amz-Credential=AKIA/x&X-Amz-Signature=abc&x=1',
      other: 'https://me:abc@example.com/path?token=abc',
      isSecret: true,
    };

    expect(JSON.stringify(detailsOf(details))).not.toMatch(/abc|AKIA|me:/);
    expect(detailsOf(details)).toMatchObject({
      apiToken: '(not kept)',
      body: { secretAccessKey: '(not kept)' },
      url: 'https://s3/b/k?X-Amz-Algorithm=v4&X-Amz-Credential=(not kept)&X-Amz-Signature=(not kept)&x=1',
      other: 'https://(not kept)@example.com/path?token=(not kept)',
      isSecret: true,
    });
  });
});
