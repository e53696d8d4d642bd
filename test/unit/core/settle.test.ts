import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../lib/core/objects/delivery.ts';
import { isOpen } from '../../../lib/core/objects/plan.ts';
import { settle } from '../../../lib/core/objects/settle.ts';
import { ABSENT, type Observation } from '../../../lib/core/objects/sight.ts';
import { aDelivery, aSight, deliveries, NOW } from './records.ts';

const PRESENT: Observation = { present: true, sight: aSight({ etag: 'e2' }) };

function ended(all: readonly Delivery[], source: Observation, tombstoneAt?: number): readonly string[] {
  return settle(all, { covered: new Set(all.map(({ id }) => id)), source }, tombstoneAt, NOW).deliveries.map(({ status }) => status);
}

describe('settling', () => {
  it('touches only what was covered and open, and counts what it ended', () => {
    fc.assert(
      fc.property(deliveries, fc.boolean(), fc.boolean(), fc.nat(40), (all, present, tombstone, upTo) => {
        const covered = new Set(all.slice(0, upTo).map(({ id }) => id));
        const {
          deliveries: after,
          done,
          superseded,
        } = settle(all, { covered, source: present ? PRESENT : ABSENT }, tombstone ? NOW : undefined, NOW);
        expect(after.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
        const changed = after.filter((delivery, index) => delivery !== all[index]);
        expect(changed.filter(({ status }) => status === 'done')).toHaveLength(done);
        expect(changed.filter(({ status }) => status === 'superseded')).toHaveLength(superseded);
        expect(changed).toHaveLength(done + superseded);
        all.forEach((before, index) => {
          if (!covered.has(before.id) || !isOpen(before)) expect(after[index]).toBe(before);
        });
      }),
    );
  });

  it('leaves nothing covered open once the source was seen with the object', () => {
    fc.assert(
      fc.property(deliveries, (all) => {
        expect(settle(all, { covered: new Set(all.map(({ id }) => id)), source: PRESENT }, undefined, NOW).deliveries.some(isOpen)).toBe(false);
      }),
    );
  });

  it('says done of at most one delivery of an operation', () => {
    fc.assert(
      fc.property(deliveries, fc.boolean(), (all, present) => {
        const open = all.filter(isOpen);
        const { deliveries: after } = settle(open, { covered: new Set(open.map(({ id }) => id)), source: present ? PRESENT : ABSENT }, NOW, NOW);
        for (const op of ['PUT', 'DELETE', 'TAG'])
          expect(after.filter((one) => one.op === op && one.status === 'done').length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('when the object is there', () => {
  it('the newest event by sequencer is done, whatever order they came in', () => {
    const all = [aDelivery({ id: 'new', etag: 'e2', sequencer: '11' }), aDelivery({ id: 'old', etag: 'e2', sequencer: '108' })];

    expect(ended(all, PRESENT)).toEqual(['done', 'superseded']);
  });

  it("a store's event about another etag was overtaken; an application's means the key", () => {
    expect(ended([aDelivery({ etag: 'e1' })], PRESENT)).toEqual(['superseded']);
    expect(ended([aDelivery({ etag: 'e1', origin: 'api' })], PRESENT)).toEqual(['done']);
  });

  it('a delete was overtaken', () => {
    expect(ended([aDelivery({ op: 'DELETE' })], PRESENT)).toEqual(['superseded']);
  });
});

describe('when the object is gone', () => {
  it('a delete is done once the tombstone stands, and came to nothing where deletes are not replicated', () => {
    expect(ended([aDelivery({ op: 'DELETE' })], ABSENT, NOW)).toEqual(['done']);
    expect(ended([aDelivery({ op: 'DELETE' })], ABSENT)).toEqual(['superseded']);
  });

  it('a write is explained by a newer delete or the tombstone after it, and by nothing else', () => {
    const put = aDelivery({ id: 'put', sequencer: '108', ts: NOW - 5000 });
    const removed = (sequencer: string): Delivery => aDelivery({ id: 'delete', op: 'DELETE', sequencer, status: 'done', ts: NOW - 5000 });

    expect(ended([put, removed('11')], ABSENT)).toEqual(['superseded', 'done']);
    expect(ended([put, removed('107')], ABSENT)).toEqual(['pending', 'done']);
    expect(ended([put], ABSENT, NOW - 5000)).toEqual(['superseded']);
    expect(ended([put], ABSENT, NOW - 5001)).toEqual(['pending']);
    expect(ended([put], ABSENT)).toEqual(['pending']);
  });
});
