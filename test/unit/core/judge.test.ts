/** Whether both sides of a key are equal, as far as listings, the record, a HEAD and the bytes tell. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateOf } from '../../../lib/core/objects/pair.ts';
import type { ReplicationRecord } from '../../../lib/core/objects/record.ts';
import type { Observation, Sight } from '../../../lib/core/objects/sight.ts';
import { heldOf } from '../../../lib/core/verify/difference.ts';
import { isFresh, judgeListed, judgeRead, judgeSeen, REASONS, type Sides, type Verdict } from '../../../lib/core/verify/judge.ts';
import { aDelivery, anApplied, aRecord, aSight, deliveries, KEY, NOW, sights } from './records.ts';

const ONE_WAY = { from: 'primary', to: 'secondary', deletes: true };
const KEEPS = { ...ONE_WAY, deletes: false };
const BOTH_WAYS = { ...ONE_WAY, bidirectional: { maxSkewMs: 0 } };

const OURS = aSight();
const THEIRS = aSight({ etag: 'd1', lastModified: NOW - 3000 });
const APPLIED = aRecord({ applied: anApplied({ destination: { etag: 'd1' } }) });
const PAIR = aRecord({ applied: { kind: 'pair', from: stateOf(OURS), to: stateOf(THEIRS), at: NOW } });

const sides = (source?: Sight, destination?: Sight): Sides => ({
  key: KEY,
  ...(source ? { source: heldOf(source) } : {}),
  ...(destination ? { destination: heldOf(destination) } : {}),
});
const seen = (sight?: Sight): Observation => (sight ? { present: true, sight } : { present: false });
const anySide = fc.option(sights, { nil: undefined });
const anyRecord: fc.Arbitrary<ReplicationRecord | undefined> = fc.option(
  fc
    .record({ deliveries, applied: fc.constantFrom(null, anApplied(), anApplied({ etag: 'e2', destination: { etag: 'e2' } })) })
    .map((over) => aRecord(over)),
  { nil: undefined },
);
const anyRoute = fc.constantFrom(ONE_WAY, KEEPS, BOTH_WAYS);

describe('by both listings and the record', () => {
  it.each([
    ['one etag', ONE_WAY, OURS, { ...THEIRS, etag: 'e1' }, undefined],
    ['the pair that was copied, whatever its etags', ONE_WAY, OURS, THEIRS, APPLIED],
    ['the pair that both sides were left in', BOTH_WAYS, OURS, THEIRS, PAIR],
    ['the pair, though the listing tells milliseconds', ONE_WAY, { ...OURS, lastModified: OURS.lastModified + 999 }, THEIRS, APPLIED],
  ])('equal: %s', (_what, route, source, destination, record) => {
    expect(judgeListed(route, sides(source, destination), record)).toEqual({ is: 'equal' });
  });

  it.each([
    ['other etags, and no record', undefined],
    ['a copy that is not as we left it', aRecord({ applied: anApplied({ destination: { etag: 'd0' } }) })],
    ['a source that was rewritten within its second', aRecord({ applied: anApplied({ etag: 'e0', destination: { etag: 'd1' } }) })],
    [
      'a pair that nobody has proven',
      aRecord({ applied: { kind: 'pair', from: stateOf(OURS), to: { ...stateOf(THEIRS), unproven: true }, at: NOW } }),
    ],
  ])('open: %s', (_what, record) => {
    expect(judgeListed(ONE_WAY, sides(OURS, THEIRS), record)).toEqual({ is: 'open' });
  });

  it('open, where neither store lists an etag', () => {
    expect(judgeListed(ONE_WAY, sides({ ...OURS, etag: '' }, { ...THEIRS, etag: '' }))).toEqual({ is: 'open' });
  });

  it('different, by its size alone', () => {
    expect(judgeListed(ONE_WAY, sides(OURS, { ...OURS, size: 11 }), APPLIED)).toEqual({ is: 'different', reason: REASONS.size });
  });

  it.each([
    ['missing', ONE_WAY, sides(OURS), APPLIED],
    ['extra', ONE_WAY, sides(undefined, THEIRS), undefined],
    ['extra', ONE_WAY, sides(undefined, THEIRS), APPLIED],
    ['extra', KEEPS, sides(undefined, THEIRS), undefined],
    // What is deleted at the source stays: so the route says.
    ['ignored', KEEPS, sides(undefined, THEIRS), APPLIED],
    ['missing', BOTH_WAYS, sides(OURS), PAIR],
    ['missing', BOTH_WAYS, sides(undefined, THEIRS), PAIR],
    ['ignored', ONE_WAY, sides(), APPLIED],
  ] as const)('%s, where one side alone holds it', (is, route, held, record) => {
    expect(judgeListed(route, held, record).is).toBe(is);
  });
});

describe('what one side alone holds while a change of it waits', () => {
  const waiting = (op: 'PUT' | 'DELETE', ts = NOW) => aDelivery({ op, id: `${op}.${ts}`, status: 'pending', ts });

  it.each([
    ['a delete on a pair, from one side', BOTH_WAYS, sides(OURS), [waiting('DELETE')], 'missing', REASONS.deleteWaits],
    ['a delete on a pair, from the other', BOTH_WAYS, sides(undefined, THEIRS), [waiting('DELETE')], 'missing', REASONS.deleteWaits],
    ['a delete that the brake holds', ONE_WAY, sides(undefined, THEIRS), [waiting('DELETE')], 'extra', REASONS.deleteWaits],
    ['a delete that is done', ONE_WAY, sides(undefined, THEIRS), [aDelivery({ op: 'DELETE', status: 'done' })], 'extra', REASONS.left],
    ['a copy', BOTH_WAYS, sides(OURS), [waiting('PUT')], 'missing', REASONS.waits],
    ['a copy that is newer than a delete', BOTH_WAYS, sides(OURS), [waiting('PUT', NOW + 1), waiting('DELETE')], 'missing', REASONS.waits],
  ] as const)('%s', (_what, route, held, deliveries, is, reason) => {
    expect(judgeListed(route, held, aRecord({ applied: PAIR.applied, deliveries }))).toEqual({ is, reason });
  });
});

describe('by a look at both', () => {
  const md5 = (value: string) => ({ md5: value });
  const crc = (value: string, type: 'FULL_OBJECT' | 'COMPOSITE' = 'FULL_OBJECT') => ({ checksum: { algorithm: 'CRC64NVME', value, type } as const });

  it.each<[Verdict['is'], string, Partial<Sight>, Partial<Sight>, ReplicationRecord | undefined]>([
    ['equal', 'one MD5', md5('m'), md5('m'), undefined],
    ['different', 'other MD5s, whatever the record says', md5('m'), md5('n'), APPLIED],
    ['equal', 'one checksum', crc('c'), crc('c'), undefined],
    ['different', 'other checksums', crc('c'), crc('d'), APPLIED],
    ['unknown', 'a checksum of checksums', crc('c', 'COMPOSITE'), crc('c'), undefined],
    ['equal', 'the pair, where nothing else tells', {}, {}, APPLIED],
    ['unknown', 'no pair, and nothing else tells', {}, {}, undefined],
    ['different', 'a rewritten copy, and nothing else tells', {}, { etag: 'd2' }, APPLIED],
    ['different', 'a rewritten source, and nothing else tells', { etag: 'e2' }, {}, APPLIED],
    ['different', 'other metadata of equal bytes', { ...md5('m'), metadata: { a: '1' } }, md5('m'), undefined],
    ['different', 'other sizes', { size: 11 }, {}, APPLIED],
  ])('%s: %s', (is, _what, ours, theirs, record) => {
    expect(judgeSeen(ONE_WAY, KEY, seen({ ...OURS, ...ours }), seen({ ...THEIRS, ...theirs }), record).is).toBe(is);
  });

  it('always ends, and never calls equal what has another size or is at one side alone', () => {
    fc.assert(
      fc.property(anyRoute, anySide, anySide, anyRecord, (route, source, destination, record) => {
        const { is } = judgeSeen(route, KEY, seen(source), seen(destination), record);
        expect(is).not.toBe('open');
        if (is === 'equal') expect(source?.size).toBe(destination?.size);
        if (!source !== !destination) expect(['missing', 'extra', 'ignored']).toContain(is);
        if (!source && !destination) expect(is).toBe('ignored');
      }),
    );
  });

  it('agrees with the listings wherever these tell', () => {
    fc.assert(
      fc.property(anyRoute, anySide, anySide, anyRecord, (route, source, destination, record) => {
        const listed = judgeListed(route, sides(source, destination), record);
        const looked = judgeSeen(route, KEY, seen(source), seen(destination), record);
        // A look tells more: of headers and metadata.
        if (listed.is !== 'open' && !('reason' in looked && looked.reason === REASONS.properties)) expect(looked).toEqual(listed);
      }),
    );
  });
});

it('by the bytes alone, when they were read', () => {
  expect(judgeRead(OURS, { ...THEIRS, etag: 'e1' }, false)).toEqual({ is: 'different', reason: REASONS.bytes });
  expect(judgeRead(OURS, THEIRS, true)).toEqual({ is: 'equal' });
  expect(judgeRead(OURS, { ...THEIRS, metadata: { a: '1' } }, true)).toEqual({ is: 'different', reason: REASONS.properties });
});

describe('what may only be on its way', () => {
  const SINCE = NOW - 1000;
  const OLD = aRecord({ updatedAt: NOW - 4000 });

  it.each([
    ['a source written since', sides({ ...OURS, lastModified: SINCE }), undefined],
    ['a copy written since', sides(OURS, { ...THEIRS, lastModified: SINCE }), undefined],
    ['a record written since', sides(OURS), aRecord({ updatedAt: SINCE })],
    ['a delivery that waits', sides(OURS), aRecord({ deliveries: [aDelivery({ status: 'pending' })] })],
    ['what was copied and is gone at the source: nobody knows when', sides(undefined, THEIRS), { ...APPLIED, updatedAt: 0 }],
  ])('is %s', (_what, held, record) => {
    expect(isFresh(held, record, SINCE)).toBe(true);
  });

  it.each([
    ['what is old, and of which no record tells', sides(OURS), undefined],
    ['what failed for good', sides(OURS), aRecord({ updatedAt: 0, deliveries: [aDelivery({ status: 'error' })] })],
    ['what others put at the destination', sides(undefined, THEIRS), OLD],
    ['a copy that others rewrote', sides(OURS, { ...THEIRS, etag: 'd9' }), { ...APPLIED, updatedAt: 0 }],
  ])('is not %s', (_what, held, record) => {
    expect(isFresh(held, record, SINCE)).toBe(false);
  });
});
