import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../lib/core/objects/delivery.ts';
import { judgeWriting } from '../../../lib/core/objects/judge-writing.ts';
import { stateOf } from '../../../lib/core/objects/pair.ts';
import { ABSENT, type Observation, type Sight } from '../../../lib/core/objects/sight.ts';
import { carriedOf, type Writing } from '../../../lib/core/objects/writing.ts';
import { aDelivery, aRecord, aSight, NOW } from './records.ts';

const BEFORE = aSight({ etag: 'before', versionId: 'v1' });
const SOURCE = aSight({ etag: 'a', md5: 'a', lastModified: NOW - 9000 });
const LANDED = aSight({ etag: 'a', md5: 'a', lastModified: NOW - 100, versionId: 'v2' });
const USER = aSight({ etag: 'user', size: 12 });
const LOSER = { id: 'c', side: 'to', etag: 'before', winner: { etag: 'a' }, at: NOW - 200 } as const;
const COPYING: Writing = { to: 'to', source: carriedOf(SOURCE), before: stateOf(BEFORE), loser: LOSER, told: ['known'], at: NOW - 200 };
const CREATING: Writing = { to: 'to', source: carriedOf(SOURCE), before: null, told: ['known'], at: NOW - 200 };

function at(sight: Sight): Observation {
  return { present: true, sight };
}

function judged(writing: Writing, to: Observation, deliveries: readonly Delivery[] = []): ReturnType<typeof judgeWriting> {
  return judgeWriting(aRecord({ writing, deliveries }), { from: at(SOURCE), to });
}

function told(op: 'PUT' | 'DELETE', over: Partial<Delivery> = {}): Delivery {
  return aDelivery({ op, side: 'to', ts: NOW - 50, id: `a-b.${op}.aw`, ...(op === 'PUT' ? { etag: 'a' } : {}), ...over });
}

describe('an announced copy', () => {
  it('did not land where all is as before: nothing was lost', () => {
    expect(judged(COPYING, at(BEFORE))).toEqual({ base: { from: null, to: null }, applied: null, losers: [] });
  });

  it('landed where what was carried stands: the pair is known, and what it replaced was lost', () => {
    const { applied, losers } = judged(COPYING, at(LANDED));

    expect(applied).toMatchObject({ kind: 'pair', from: { etag: 'a' }, to: { etag: 'a', versionId: 'v2', unsure: true } });
    expect(losers).toEqual([LOSER]);
  });

  it('was of what stood at its own side: gone there since, it is known to have been deleted', () => {
    const seen = { from: ABSENT, to: at(USER) };

    expect(judgeWriting(aRecord({ writing: CREATING }), seen).base).toMatchObject({ from: { etag: 'a' }, to: null });
    // What stands there still may have been written since: it is no base to call it unchanged by.
    expect(judgeWriting(aRecord({ writing: CREATING }), { ...seen, from: at(SOURCE) }).base.from).toBeNull();
  });

  it('is not taken for landed where a checksum shows other bytes', () => {
    const checksum = (value: string) => ({ algorithm: 'CRC64NVME', value, type: 'FULL_OBJECT' }) as const;
    const writing = { ...COPYING, source: carriedOf({ ...SOURCE, checksum: checksum('1') }) };

    expect(judged(writing, at({ ...LANDED, checksum: checksum('2') }))).toMatchObject({ applied: null, losers: [LOSER] });
    expect(judged(writing, at({ ...LANDED, etag: 'kms', checksum: checksum('1') })).applied).toMatchObject({ kind: 'pair' });
  });

  it('is proven by nothing where etags are no hashes', () => {
    const { md5: _hidden, ...opaque } = { ...LANDED, etag: 'kms' };

    expect(judged(COPYING, at(opaque)).applied).toMatchObject({ from: { unsure: true }, to: { unsure: true, unproven: true } });
  });

  it('may have come between where a user wrote since: what it may have replaced is told, and the pair stays', () => {
    expect(judged(COPYING, at(USER))).toMatchObject({ applied: null, losers: [LOSER] });
  });

  it('came between where its own event was told: that user knew it', () => {
    expect(judged(COPYING, at(USER), [told('PUT')]).base).toMatchObject({ from: { etag: 'a', unsure: true }, to: { etag: 'a' } });
    expect(judged(COPYING, at(USER), [told('PUT', { id: 'a-b.known.aw' })]).base).toEqual({ from: null, to: null });
  });

  it('is unsure where an event told it: a user who wrote the same bytes with other tags told the same', () => {
    const creating = { ...CREATING, source: carriedOf({ ...SOURCE, tags: {} }) };
    const tagged = { ...LANDED, tagCount: 1, tags: { own: '1' } };

    expect(judged(creating, at(tagged), [told('PUT')]).applied).toMatchObject({ to: { etag: 'a', unsure: true }, from: { unsure: true } });
  });

  it.each([
    ['the delete alone was told', [told('DELETE')]],
    ['the copy alone was told', [told('PUT')]],
    ['both were told, which a former copy and its removal may have been', [told('PUT'), told('DELETE', { ts: NOW - 40 })]],
  ])('may have been deleted where %s: it is made again, and that is told', (_what, deliveries) => {
    expect(judged(CREATING, ABSENT, deliveries)).toMatchObject({ base: { from: null, to: null }, perhapsDeleted: 'to' });
  });

  it('is not taken for one that was deleted long ago', () => {
    const settled = told('DELETE', { status: 'done', ts: NOW - 20 });

    expect(judged(CREATING, at(USER), [told('PUT', { ts: NOW - 30 }), settled]).base).toEqual({ from: null, to: null });
    expect(judged(CREATING, at(USER), [settled, told('PUT', { ts: NOW - 10 })]).base).toMatchObject({ to: { etag: 'a' } });
  });
});

describe('what looks as the pair knew it', () => {
  const former = aSight({ etag: 'former', size: 12 });
  const { lastModified: _unseen, ...known } = stateOf(former);
  const applied = { kind: 'pair', from: stateOf(SOURCE), to: known, at: NOW - 900 } as const;

  it('is a write of a user where the announcement saw another there', () => {
    const record = aRecord({ writing: COPYING, applied });

    expect(judgeWriting(record, { from: at(SOURCE), to: at(former) }).base).toMatchObject({ from: stateOf(SOURCE), to: null });
    expect(judgeWriting(record, { from: at(SOURCE), to: at(USER) }).base).toMatchObject({ from: stateOf(SOURCE), to: known });
  });

  it('is one, too, where what the announcement saw there was removed', () => {
    const writing = { ...COPYING, source: null, before: stateOf(former) };
    const again = aSight({ etag: 'former', size: 12, lastModified: NOW - 10 });

    expect(judgeWriting(aRecord({ writing, applied }), { from: ABSENT, to: at(again) }).base).toMatchObject({ to: null });
    expect(judgeWriting(aRecord({ writing, applied }), { from: ABSENT, to: at(former) }).base).toMatchObject({ to: known });
  });
});

describe('an announced removal', () => {
  const removing: Writing = { ...COPYING, source: null };

  it('remembers what was deleted at the other side, though no pair knows it', () => {
    const seen = { from: ABSENT, to: at(BEFORE) };
    const gone = stateOf(SOURCE);

    expect(judgeWriting(aRecord({ writing: { ...removing, gone } }), seen).base).toEqual({ from: gone, to: null });
    expect(judgeWriting(aRecord({ writing: { ...removing, gone } }), { ...seen, from: at(SOURCE) }).base).toEqual({ from: null, to: null });
  });

  it('happened where nothing stands any more', () => {
    expect(judged(removing, ABSENT)).toMatchObject({ applied: { kind: 'tombstone' }, losers: [LOSER] });
  });

  it('did not where all is as before, and may have where a user wrote since', () => {
    expect(judged(removing, at(BEFORE))).toMatchObject({ applied: null, losers: [] });
    expect(judged(removing, at(USER))).toMatchObject({ applied: null, losers: [LOSER] });
  });
});
