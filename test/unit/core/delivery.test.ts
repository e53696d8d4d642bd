import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutError, deliveryId, noteChanges, parseDeliveryId, trimDeliveries } from '../../../lib/core/objects/delivery.ts';
import { aChange, aDelivery, deliveries, NOW, ROUTE } from './records.ts';

describe('the id of a delivery', () => {
  it('names its route and key, whatever the key holds', () => {
    const keys = fc.string({ unit: 'binary', minLength: 1 }).filter((key) => key.isWellFormed());
    fc.assert(
      fc.property(keys, (key) => {
        expect(parseDeliveryId(deliveryId(ROUTE, aChange({ key })))).toEqual({ route: ROUTE, key });
      }),
    );
  });

  it.each(['', 'a', 'a.b', 'a..aw', '.b.aw', 'a.b.', 'a.b.aw.c'])('is not %j', (text) => {
    expect(parseDeliveryId(text)).toBeNull();
  });

  it('is one for one event told twice', () => {
    expect(deliveryId(ROUTE, aChange())).toBe(deliveryId(ROUTE, aChange({ size: 4 })));
  });

  it.each([
    ['operation', { op: 'DELETE' }],
    ['etag', { etag: 'e2' }],
    ['origin', { origin: 'api' }],
    ['time', { ts: NOW }],
    ['version', { versionId: 'v2' }],
    ['sequencer', { sequencer: '12' }],
  ] as const)('is another for another %s', (_what, other) => {
    expect(deliveryId(ROUTE, aChange(other))).not.toBe(deliveryId(ROUTE, aChange()));
  });
});

describe('noting changes', () => {
  it('keeps what is known as it is, and adds each unknown one once', () => {
    const known = [aDelivery({ ...aChange(), id: deliveryId(ROUTE, aChange()), status: 'done', attempts: 2 })];

    const noted = noteChanges(known, ROUTE, [aChange(), aChange({ etag: 'e2' }), aChange({ etag: 'e2' })], NOW);

    expect(noted[0]).toBe(known[0]);
    expect(noted).toHaveLength(2);
    expect(noted[1]).toMatchObject({ etag: 'e2', status: 'pending', attempts: 0, createdAt: NOW });
  });

  it('gives back the very same list when nothing is new', () => {
    const known = [aDelivery({ id: deliveryId(ROUTE, aChange()) })];

    expect(noteChanges(known, ROUTE, [aChange()], NOW)).toBe(known);
  });
});

describe('trimming', () => {
  const unsettled = (status: string): boolean => status === 'pending' || status === 'in_progress' || status === 'error';

  it('never drops one that is open or failed: beyond the bound it ends as superseded', () => {
    fc.assert(
      fc.property(deliveries, (all) => {
        const kept = new Map(trimDeliveries(all, NOW).map((delivery) => [delivery.id, delivery.status]));
        for (const { id, status } of all) {
          if (!unsettled(status)) continue;
          expect([status, 'superseded']).toContain(kept.get(id));
        }
      }),
    );
  });

  it('leaves few, and of each kind the newest', () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      aDelivery({ id: `${ROUTE}.${index}.aw`, ts: NOW - 60 + index, sequencer: (0x1000 + index).toString(16) }),
    );

    const trimmed = trimDeliveries(many, NOW);

    expect(trimmed.filter(({ status }) => status === 'pending').map(({ ts }) => ts)).toEqual(many.slice(-20).map(({ ts }) => ts));
    expect(trimmed.length).toBeLessThanOrEqual(40);
  });

  it('is bounded whatever it is given', () => {
    fc.assert(
      fc.property(deliveries, (all) => {
        expect(trimDeliveries([...all, ...all.map((one) => ({ ...one, id: `${one.id}2` }))], NOW).length).toBeLessThanOrEqual(60);
      }),
    );
  });

  it('keeps what ended long ago only six deep', () => {
    const old = Array.from({ length: 30 }, (_, index) =>
      aDelivery({ id: `${ROUTE}.${index}.aw`, ts: NOW - 1000 + index, status: 'done', updatedAt: NOW - 500 }),
    );

    expect(trimDeliveries(old, NOW).map(({ id }) => id)).toEqual(old.slice(-6).map(({ id }) => id));
  });
});

describe('the text of an error', () => {
  it('is cut where it is long', () => {
    expect(cutError('short')).toBe('short');
    expect(cutError('x'.repeat(1000))).toHaveLength(300);
    expect(cutError('x'.repeat(1000)).endsWith('…')).toBe(true);
  });
});
