import { describe, expect, it } from 'vitest';
import { difference, type ListingEntry } from '../../../lib/core/objects/reconcile.ts';
import { aDelivery, anApplied, aRecord, KEY, NOW } from './records.ts';

const THERE: ListingEntry = { key: KEY, etag: 'e1', size: 10, lastModified: NOW - 5000 };
const COPY: ListingEntry = { ...THERE, lastModified: NOW - 3000 };
const APPLIED = aRecord({ applied: anApplied() });
const BURIED = aRecord({ applied: { kind: 'tombstone', at: NOW - 1000 } });

describe('the difference of two listings', () => {
  it('is nothing when the record says that this very source is applied as this very copy', () => {
    expect(difference(KEY, THERE, COPY, APPLIED, NOW)).toBeNull();
  });

  it('lets a listing tell milliseconds where HEAD told whole seconds', () => {
    expect(difference(KEY, { ...THERE, lastModified: NOW - 5000 + 999 }, COPY, APPLIED, NOW)).toBeNull();
    expect(difference(KEY, { ...THERE, lastModified: NOW - 5000 + 1000 }, COPY, APPLIED, NOW)).not.toBeNull();
  });

  it.each([
    ['another etag at the source', { ...THERE, etag: 'e2' }, COPY, APPLIED],
    ['another size', { ...THERE, size: 11 }, COPY, APPLIED],
    ['another time, since metadata may differ', { ...THERE, lastModified: NOW }, COPY, APPLIED],
    ['another copy than was written', THERE, { ...COPY, etag: 'other' }, APPLIED],
    ['no copy', THERE, undefined, APPLIED],
    ['no record', THERE, COPY, undefined],
    ['an object under a tombstone', THERE, undefined, BURIED],
  ])('is a copy to look at for %s', (_what, source, destination, record) => {
    expect(difference(KEY, source, destination, record, NOW)).toEqual({
      op: 'PUT',
      key: KEY,
      origin: 'reconcile',
      ts: source.lastModified,
      etag: source.etag,
      size: source.size,
    });
  });

  it.each([
    ['was applied from here', APPLIED],
    ['was being written when its worker died', aRecord({ intent: true })],
    ['came back under its tombstone', BURIED],
  ])('is a delete to look at for what only the destination holds and %s', (_what, record) => {
    expect(difference(KEY, undefined, COPY, record, NOW)).toEqual({ op: 'DELETE', key: KEY, origin: 'reconcile', ts: NOW });
  });

  it('remembers what a look found left out, unless it is asked for anew: filters may be wider by now', () => {
    const leftOut = aRecord({ deliveries: [aDelivery({ status: 'superseded', etag: THERE.etag, lastError: 'LEFT_OUT: why' })] });

    expect(difference(KEY, THERE, undefined, leftOut, NOW)).toBeNull();
    expect(difference(KEY, { ...THERE, etag: 'e2' }, undefined, leftOut, NOW)).not.toBeNull();
    expect(difference(KEY, THERE, undefined, leftOut, NOW, true)).toMatchObject({ op: 'PUT', key: KEY });
  });

  it('leaves alone what others put at the destination', () => {
    expect(difference(KEY, undefined, COPY, undefined, NOW)).toBeNull();
    expect(difference(KEY, undefined, COPY, aRecord(), NOW)).toBeNull();
  });

  it('is nothing for a key that neither holds', () => {
    expect(difference(KEY, undefined, undefined, APPLIED, NOW)).toBeNull();
  });
});
