import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteEvidence, expiryOf, type LinkTraits, type Look, newestSequencer, plan, type Rules } from '../../../lib/core/objects/plan.ts';
import { TOMBSTONE_RETENTION_MS } from '../../../lib/core/objects/record.ts';
import { ABSENT, type Observation, printOf, type Sight } from '../../../lib/core/objects/sight.ts';
import { aDelivery, anApplied, aRecord, aSight, NOW, records, sights, traits } from './records.ts';

const AWS: LinkTraits = {
  serverSide: true,
  conditionalCopy: true,
  conditionalPut: true,
  conditionalDelete: true,
  tags: true,
  partsFrom: 1_000_000_000,
};
const RULES: Rules = { deletes: true, alwaysLease: false };
const observations: fc.Arbitrary<Observation> = fc.oneof(
  fc.constant(ABSENT),
  sights.map((sight) => ({ present: true, sight })),
);
const looks: fc.Arbitrary<Look> = fc.record(
  {
    record: records,
    source: observations,
    destination: observations,
    link: traits,
    rules: fc.record({ deletes: fc.boolean(), alwaysLease: fc.boolean() }),
  },
  { requiredKeys: ['record', 'source', 'link', 'rules'] },
);

function seen(sight: Partial<Sight> = {}): Observation {
  return { present: true, sight: aSight(sight) };
}

function look(over: Partial<Look> = {}): Look {
  return { record: aRecord(), source: seen(), link: AWS, rules: RULES, ...over };
}

describe('any look', () => {
  const always = (check: (look: Look, decided: ReturnType<typeof plan>) => void): void => {
    fc.assert(
      fc.property(looks, (each) => check(each, plan(each))),
      { numRuns: 2000 },
    );
  };

  it('ends in a plan, and in one that acts, settles or refuses once both sides were seen', () => {
    always((each, decided) => {
      expect(['confirm', 'settle', 'act', 'refuse']).toContain(decided.do);
      if (each.destination !== undefined) expect(decided.do).not.toBe('confirm');
    });
  });

  it('removes only what the source no longer holds, with evidence, where the route replicates deletes', () => {
    always(({ record, source, rules }, decided) => {
      const removes = (decided.do === 'act' && decided.act === 'remove') || (decided.do === 'settle' && decided.applied === 'tombstone');
      if (!removes) return;
      expect(source.present).toBe(false);
      expect(deleteEvidence(record)).toBe(true);
      expect(rules.deletes).toBe(true);
    });
  });

  it('is optimistic only in a server-side copy, of a route that carries every object', () => {
    always(({ record, link, rules }, decided) => {
      if (decided.do !== 'act' || decided.way !== 'optimistic') return;
      expect(decided.act).toBe('copy');
      expect(link.serverSide).toBe(true);
      expect(rules.alwaysLease).toBe(false);
      expect(rules.leavesOut).toBeUndefined();
      if (!link.conditionalCopy) expect(record).toMatchObject({ applied: null });
      if (!link.conditionalCopy) expect(record).not.toHaveProperty('intent');
    });
  });

  it('passes a condition exactly where the store honours it', () => {
    always(({ link }, decided) => {
      if (decided.do !== 'act' || decided.act === 'tags') return;
      const honoured = { copy: link.conditionalCopy, parts: link.conditionalPut, stream: link.conditionalPut, remove: link.conditionalDelete };
      expect('condition' in decided).toBe(honoured[decided.act]);
    });
  });

  it('copies what was observed, never anything the record remembers', () => {
    always(({ source }, decided) => {
      if (decided.do !== 'act' || decided.act === 'remove') return;
      expect(source).toEqual({ present: true, sight: decided.source });
    });
  });

  it('settles a present object only with one at the destination that equals it', () => {
    always(({ source, destination }, decided) => {
      if (!source.present || decided.do !== 'settle') return;
      expect(destination?.present).toBe(true);
      if (destination?.present) expect(printOf(destination.sight)).toBe(printOf(source.sight));
    });
  });
});

describe('an object at the source', () => {
  it('is copied under the condition that nothing stands there, when the record knows of nothing', () => {
    expect(plan(look())).toMatchObject({ do: 'act', act: 'copy', way: 'optimistic', condition: { ifAbsent: true } });
  });

  it('is copied over exactly what the record says was written', () => {
    const record = aRecord({ applied: anApplied({ etag: 'e0', destination: { etag: 'd0' } }) });

    expect(plan(look({ record }))).toMatchObject({ act: 'copy', condition: { ifMatch: 'd0' } });
  });

  it.each([
    ['an object was applied', { applied: anApplied({ etag: 'e0' }) }],
    ['its delete was', { applied: { kind: 'tombstone', at: NOW } }],
    ['a copy of it was claimed once', { intent: true }],
  ] as const)('is claimed first where %s, unless the store heeds the condition of a copy', (_what, known) => {
    const record = aRecord(known);

    expect(plan(look({ record }))).toMatchObject({ act: 'copy', way: 'optimistic' });
    expect(plan(look({ record, link: { ...AWS, conditionalCopy: false } }))).toMatchObject({ act: 'copy', way: 'leased' });
    expect(plan(look({ link: { ...AWS, conditionalCopy: false } }))).toMatchObject({ act: 'copy', way: 'optimistic' });
  });

  it('is confirmed at the destination when the record says that it was applied', () => {
    const record = aRecord({ applied: anApplied({ print: printOf(aSight()) }) });

    expect(plan(look({ record }))).toEqual({ do: 'confirm' });
  });

  it.each([
    ['its time', { lastModified: NOW }],
    ['its metadata', { metadata: { m: '2' } }],
    ['its headers', { headers: { cacheControl: 'no-store' } }],
    ['its size', { size: 11 }],
  ])('is not taken for applied by its etag alone: %s differs', (_what, other) => {
    const record = aRecord({ applied: anApplied({ print: printOf(aSight()) }) });

    expect(plan(look({ record, source: seen(other) }))).toMatchObject({ do: 'act', act: 'copy' });
  });

  it('goes by parts from the size that needs them, and is streamed where no store can copy', () => {
    expect(plan(look({ source: seen({ size: 1_000_000_000 }) }))).toMatchObject({ act: 'parts', way: 'leased' });
    expect(plan(look({ link: { ...AWS, serverSide: false } }))).toMatchObject({ act: 'stream', way: 'leased' });
  });

  it('is copied again where its bytes were read and are others, whatever etags and the record say, and only until that was done', () => {
    const applied = anApplied({ print: printOf(aSight()) });
    const damaged = (over: Parameters<typeof aDelivery>[0]) =>
      plan(look({ record: aRecord({ applied, deliveries: [aDelivery({ origin: 'repair', etag: 'e1', ...over })] }), destination: seen() }));

    expect(damaged({})).toMatchObject({ do: 'act', act: 'copy', condition: { ifMatch: 'e1' } });
    expect(damaged({ status: 'done' })).toMatchObject({ do: 'settle' });
    expect(damaged({ etag: 'e0' })).toMatchObject({ do: 'settle' });
    expect(damaged({ origin: 'backfill' })).toMatchObject({ do: 'settle' });
  });

  it('has its tags set alone when nothing else differs', () => {
    const decided = plan(look({ source: seen({ tags: { t: '1' } }), destination: seen({ tags: {} }) }));

    expect(decided).toMatchObject({ do: 'act', act: 'tags', way: 'leased' });
  });

  it('is refused while it lies in an archive', () => {
    expect(plan(look({ source: seen({ archived: true }) }))).toMatchObject({ do: 'refuse', error: { code: 'ARCHIVED' } });
  });
});

describe('an absent object', () => {
  const deleted = aRecord({ deliveries: [aDelivery({ op: 'DELETE' })] });

  it('is no reason to delete by itself', () => {
    expect(plan(look({ source: ABSENT, destination: seen(), record: aRecord({ applied: anApplied() }) }))).toEqual({ do: 'settle', applied: 'keep' });
  });

  it('that an event wants copied is an error for a person to see', () => {
    expect(plan(look({ source: ABSENT, record: aRecord({ deliveries: [aDelivery()] }) }))).toMatchObject({
      error: { code: 'NO_SUCH_KEY_AT_SOURCE' },
    });
  });

  it('is removed under a lease, and only as it was seen', () => {
    expect(plan(look({ source: ABSENT, record: deleted }))).toEqual({ do: 'confirm' });
    expect(plan(look({ source: ABSENT, destination: seen({ etag: 'd' }), record: deleted }))).toEqual({
      do: 'act',
      act: 'remove',
      way: 'leased',
      condition: { ifMatch: 'd' },
    });
    expect(plan(look({ source: ABSENT, destination: ABSENT, record: deleted }))).toEqual({ do: 'settle', applied: 'tombstone' });
  });

  it('stays at the destination on a route without deletes', () => {
    const rules = { ...RULES, deletes: false };

    expect(plan(look({ source: ABSENT, destination: seen(), record: deleted, rules }))).toEqual({ do: 'settle', applied: 'keep' });
  });

  it('is removed when something came back under its tombstone', () => {
    const record = aRecord({ applied: { kind: 'tombstone', at: NOW } });

    expect(plan(look({ source: ABSENT, destination: seen(), record }))).toMatchObject({ act: 'remove' });
  });

  it.each([
    ['a delete event that waits', { deliveries: [aDelivery({ op: 'DELETE' })] }, true],
    ['a delete event that was settled before', { deliveries: [aDelivery({ op: 'DELETE', status: 'done' })] }, false],
    ['a delete event that failed', { deliveries: [aDelivery({ op: 'DELETE', status: 'error' })] }, true],
    ['a reconcile of what was applied', { applied: anApplied(), deliveries: [aDelivery({ op: 'DELETE', origin: 'reconcile' })] }, true],
    ['a reconcile of what was being written', { intent: true, deliveries: [aDelivery({ op: 'DELETE', origin: 'reconcile' })] }, true],
    ['a reconcile of what never was', { deliveries: [aDelivery({ op: 'DELETE', origin: 'reconcile' })] }, false],
    ['a tombstone', { applied: { kind: 'tombstone', at: NOW } }, true],
    ['nothing', {}, false],
  ] as const)('has for evidence %s: %o is %s', (_what, record, expected) => {
    expect(deleteEvidence(aRecord(record))).toBe(expected);
  });
});

describe('what a record keeps', () => {
  it('names the highest sequencer of an operation, by its value and not its length', () => {
    const all = [
      aDelivery({ sequencer: '108' }),
      aDelivery({ sequencer: '11' }),
      aDelivery({ sequencer: '10F' }),
      aDelivery({ op: 'DELETE', sequencer: 'FF' }),
    ];

    expect(newestSequencer(all, 'PUT')).toBe('11');
    expect(newestSequencer(all, 'TAG')).toBeUndefined();
  });

  it('outlives every message that may still arrive: 14 days in a queue and 14 in its dead-letter queue', () => {
    const tombstone = { kind: 'tombstone', at: NOW } as const;

    expect(TOMBSTONE_RETENTION_MS).toBeGreaterThan(28 * 86_400_000);
    expect(expiryOf(tombstone, [])).toBe(NOW + TOMBSTONE_RETENTION_MS);
    expect(expiryOf(tombstone, [aDelivery()])).toBeUndefined();
    expect(expiryOf(anApplied(), [])).toBeUndefined();
    expect(expiryOf(null, [])).toBeUndefined();
  });
});
