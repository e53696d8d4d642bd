import { describe, expect, it } from 'vitest';
import { type Pair, stateOf } from '../../../lib/core/objects/pair.ts';
import type { ListingEntry } from '../../../lib/core/objects/reconcile.ts';
import { pairDifference } from '../../../lib/core/objects/reconcile-pair.ts';
import type { ReplicationRecord } from '../../../lib/core/objects/record.ts';
import { carriedOf } from '../../../lib/core/objects/writing.ts';
import { aDelivery, aRecord, aSight, KEY, NOW } from './records.ts';

const OURS = aSight();
const THEIRS = aSight({ etag: 'kms', lastModified: NOW - 4000 });
const PAIR: Pair = { kind: 'pair', from: stateOf(OURS), to: stateOf(THEIRS), at: NOW - 3000 };
const BELIEVED = { from: true, to: true };

function listed(etag: string, lastModified: number): ListingEntry {
  return { key: KEY, etag, size: 10, lastModified };
}

const FROM = listed('e1', OURS.lastModified + 321);
const TO = listed('kms', THEIRS.lastModified);

function differs(sides: { from?: ListingEntry; to?: ListingEntry }, record: ReplicationRecord | undefined, believed = BELIEVED) {
  return pairDifference(KEY, sides, record, believed, NOW);
}

describe('the difference of two listings of a bidirectional route', () => {
  const known = aRecord({ applied: PAIR });

  it('is nothing where each lists its half of the pair', () => {
    expect(differs({ from: FROM, to: TO }, known)).toBeNull();
  });

  it('is a write of the side that lists another', () => {
    expect(differs({ from: listed('e9', NOW), to: TO }, known)).toMatchObject({ op: 'PUT', side: 'from', etag: 'e9', origin: 'reconcile' });
    expect(differs({ from: FROM, to: listed('kms', NOW) }, known)).toMatchObject({ op: 'PUT', side: 'to' });
  });

  it('may hide where a copy of ours was never seen since: its metadata may be of a later write, and no listing shows that', () => {
    const { lastModified: _untold, ...unseen } = stateOf(THEIRS);

    const record = aRecord({ applied: { ...PAIR, to: unseen } });

    expect(differs({ from: FROM, to: TO }, record)).toMatchObject({ op: 'PUT', side: 'to', etag: 'kms' });
    expect(differs({ to: TO }, record, { from: false, to: true })).toMatchObject({ op: 'PUT', side: 'to', etag: 'kms' });
  });

  it('is a delete of the side that lists it no more', () => {
    expect(differs({ to: TO }, known)).toMatchObject({ op: 'DELETE', side: 'from' });
    expect(differs({ from: FROM }, known)).toMatchObject({ op: 'DELETE', side: 'to' });
  });

  it('is none of a side that lists nothing at all, unless the other moved', () => {
    const empty = { from: true, to: false };

    expect(differs({ from: FROM }, known, empty)).toBeNull();
    expect(differs({ from: listed('e9', NOW) }, known, empty)).toMatchObject({ op: 'PUT', side: 'from' });
  });

  it('is a write where the other side never held it', () => {
    expect(differs({ to: TO }, undefined)).toMatchObject({ op: 'PUT', side: 'to' });
    expect(differs({ to: TO }, aRecord({ applied: { kind: 'tombstone', at: NOW } }))).toMatchObject({ op: 'PUT', side: 'to' });
  });

  it('is a delete of what was being copied when its worker died', () => {
    const writing = { to: 'to', source: carriedOf(OURS), before: null, told: [], at: NOW - 100 } as const;

    expect(differs({ to: TO }, aRecord({ writing }))).toMatchObject({ op: 'DELETE', side: 'from' });
  });

  it('is not told again while it waits', () => {
    const waiting = (op: 'PUT' | 'DELETE', etag: string) => aRecord({ applied: PAIR, deliveries: [aDelivery({ op, side: 'to', etag })] });

    expect(differs({ from: FROM }, waiting('DELETE', ''))).toBeNull();
    expect(differs({ from: FROM, to: listed('e9', NOW) }, waiting('PUT', 'e9'))).toBeNull();
  });
});
