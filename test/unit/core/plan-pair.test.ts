import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otherSide, SIDES, type Side } from '../../../lib/core/change.ts';
import type { Delivery } from '../../../lib/core/objects/delivery.ts';
import { copiedState, isStill, type Pair, pairAt, stateOf } from '../../../lib/core/objects/pair.ts';
import type { LinkTraits } from '../../../lib/core/objects/plan.ts';
import { type BothSides, type PairLook, type PairPlan, planPair } from '../../../lib/core/objects/plan-pair.ts';
import type { Applied } from '../../../lib/core/objects/record.ts';
import { ABSENT, type Observation, type Sight } from '../../../lib/core/objects/sight.ts';
import { aDelivery, aRecord, aSight, NOW, sights } from './records.ts';

const TRAITS: LinkTraits = {
  serverSide: false,
  conditionalCopy: false,
  conditionalPut: true,
  conditionalDelete: true,
  tags: true,
  partsFrom: 1_000_000_000,
};
const REGIONS = { from: 'east', to: 'west' };
const LATER = NOW - 1000;

const OLD = aSight({ etag: 'old', tags: {} });
const COPY = aSight({ etag: 'kms-of-old', lastModified: NOW - 4000, tags: {} });
const NEWER = aSight({ etag: 'new', size: 11, lastModified: LATER, tags: {} });
const OTHER = aSight({ etag: 'other', size: 12, lastModified: LATER - 1500, tags: {} });
const SYNCED: Pair = { kind: 'pair', from: stateOf(OLD), to: stateOf(COPY), at: NOW - 3500 };

function at(sight: Sight): Observation {
  return { present: true, sight };
}

function look(seen: BothSides, applied: Applied | null = SYNCED, deliveries: readonly Delivery[] = [], policy = {}): PairLook {
  return {
    record: aRecord({ applied, deliveries }),
    seen,
    links: { from: TRAITS, to: TRAITS },
    rules: { deletes: true, policy: { maxSkewMs: 60_000, ...policy }, regions: REGIONS },
    now: NOW,
  };
}

function deleted(side: Side, ts: number, origin: Delivery['origin'] = 's3'): Delivery {
  return aDelivery({ op: 'DELETE', ts, origin, side, id: `a-b.${side}${ts}.aw` });
}

function acting(decided: PairPlan): Extract<PairPlan, { do: 'act' }> {
  if (decided.do !== 'act') throw new Error(`it is decided to ${decided.do}`);
  return decided;
}

describe('two objects of which neither etag nor checksum says whether they are equal', () => {
  const EAST = aSight({ etag: 'fs-1', size: 11, lastModified: LATER, tags: {} });
  const WEST = aSight({ etag: 'fs-2', size: 11, lastModified: LATER - 5000, tags: {} });
  const seen = { from: at(EAST), to: at(WEST) };

  it('reads both before it calls them a conflict, where nothing tells their bytes apart', () => {
    expect(planPair(look(seen, null))).toEqual({ do: 'read', sides: { from: EAST, to: WEST } });
    expect(planPair({ ...look(seen, null), sameBytes: true })).toMatchObject({ do: 'settle', applied: { kind: 'pair' }, losers: [] });
    expect(acting(planPair({ ...look(seen, null), sameBytes: false })).announced.writing.loser).toMatchObject({ side: 'to', etag: 'fs-2' });
  });

  it.each([
    ['sizes', { size: 12 }],
    ['metadata', { metadata: { a: 'b' } }],
    ['MD5s', { md5: 'other' }],
    ['checksums', { checksum: { algorithm: 'CRC64NVME', value: 'b', type: 'FULL_OBJECT' } as const }],
    ['bytes that nobody can read', { archived: true }],
  ])('does not where they differ in %s', (_what, difference) => {
    const east = { ...EAST, md5: 'one', checksum: { algorithm: 'CRC64NVME', value: 'a', type: 'FULL_OBJECT' } as const };
    expect(planPair(look({ from: at(east), to: at({ ...WEST, ...difference }) }, null)).do).toBe('act');
  });

  it('reads nothing where one side alone moved', () => {
    expect(planPair(look({ from: at(EAST), to: at(WEST) }, { kind: 'pair', from: stateOf(OLD), to: stateOf(WEST), at: NOW })).do).toBe('act');
  });
});

describe('a side that moved while the other did not', () => {
  it('is copied over what stands there, on condition that it still does', () => {
    const { act, announced } = acting(planPair(look({ from: at(NEWER), to: at(COPY) })));

    expect(act).toMatchObject({ act: 'stream', way: 'leased', source: NEWER, condition: { ifMatch: 'kms-of-old' } });
    expect(announced.writing).toMatchObject({ to: 'to', source: { etag: 'new' }, before: { etag: 'kms-of-old' } });
    expect(announced.writing.loser).toBeUndefined();
  });

  it('is copied the other way as well', () => {
    const { act, announced } = acting(planPair(look({ from: at(OLD), to: at(NEWER) })));

    expect(act).toMatchObject({ source: NEWER, condition: { ifMatch: 'old' } });
    expect(announced.writing.to).toBe('from');
  });

  it('is removed where the other is gone and its own event says so', () => {
    const { act, announced } = acting(planPair(look({ from: ABSENT, to: at(COPY) }, SYNCED, [deleted('from', NOW - 100)])));

    expect(act).toMatchObject({ act: 'remove', condition: { ifMatch: 'kms-of-old' } });
    expect(announced.writing).toMatchObject({ to: 'to', source: null });
  });

  it.each([
    ['nobody told', []],
    ['the other side told', [deleted('to', NOW - 100)]],
    ['what told is settled', [{ ...deleted('from', NOW - 100), status: 'done' as const }]],
  ])('is left alone where it is gone and %s', (_why, deliveries) => {
    expect(planPair(look({ from: ABSENT, to: at(COPY) }, SYNCED, deliveries))).toMatchObject({ do: 'settle', applied: SYNCED });
  });

  it('is left alone where the route replicates no deletes', () => {
    const given = look({ from: ABSENT, to: at(COPY) }, SYNCED, [deleted('from', NOW - 100)]);

    expect(planPair({ ...given, rules: { ...given.rules, deletes: false } })).toMatchObject({ do: 'settle', applied: SYNCED });
  });

  it('is known by its time from then on, where it is a copy of ours that nobody had seen', () => {
    const { lastModified: _untold, ...unseen } = stateOf(COPY);

    expect(planPair(look({ from: ABSENT, to: at(COPY) }, { ...SYNCED, to: unseen }))).toEqual({
      do: 'settle',
      applied: { ...SYNCED, at: NOW },
      losers: [],
    });
  });

  it('moves by its metadata, its tags or its version alone', () => {
    for (const moved of [{ metadata: { m: '1' } }, { tags: { t: '1' } }, { lastModified: LATER }, { size: 9 }])
      expect(acting(planPair(look({ from: at({ ...OLD, ...moved }), to: at(COPY) }))).announced.writing.to).toBe('to');
  });
});

describe('an echo', () => {
  it('copies nothing back of a copy of ours, whatever its etag', () => {
    const written = copiedState(NEWER, { etag: 'kms-of-new' });
    const applied = pairAt('to', written, stateOf(NEWER), NOW);
    const seen = { from: at(NEWER), to: at({ ...NEWER, etag: 'kms-of-new', lastModified: NOW }) };

    expect(planPair(look(seen, applied))).toMatchObject({ do: 'settle', applied: { kind: 'pair', to: { lastModified: NOW } } });
  });

  it('of a removal of ours settles as the tombstone that it is', () => {
    const tombstone = { kind: 'tombstone', at: NOW - 50 } as const;

    expect(planPair(look({ from: ABSENT, to: ABSENT }, tombstone, [deleted('to', NOW - 40)]))).toEqual({
      do: 'settle',
      applied: tombstone,
      losers: [],
    });
  });

  it('changes nothing in the record where both sides are as they were', () => {
    const decided = planPair(look({ from: at(OLD), to: at(COPY) }));

    expect(decided.do === 'settle' && decided.applied).toBe(SYNCED);
  });
});

describe('where both sides moved', () => {
  it('the newer one wins, and the loser is told with all that restores it', () => {
    const loser = { ...OTHER, versionId: 'v7' };
    const { act, announced } = acting(planPair(look({ from: at(NEWER), to: at(loser) })));

    expect(act).toMatchObject({ source: NEWER, condition: { ifMatch: 'other' } });
    expect(announced.writing.loser).toMatchObject({
      side: 'to',
      etag: 'other',
      versionId: 'v7',
      size: 12,
      ts: OTHER.lastModified,
      winner: { etag: 'new' },
    });
  });

  it('the region that is preferred wins, however old', () => {
    const { announced } = acting(planPair(look({ from: at(NEWER), to: at(OTHER) }, SYNCED, [], { prefer: 'west' })));

    expect(announced.writing).toMatchObject({ to: 'from', loser: { side: 'from', etag: 'new' } });
  });

  it.each([
    ['within one second', 999, 'to'],
    ['where the clock of one is not to be believed', 60_001 + 1000, 'to'],
    ['unless the other is newer', 1000, 'from'],
  ] as const)('`from` wins %s', (_when, ahead, replaced) => {
    const second = Math.floor(LATER / 1000) * 1000;
    const to = { ...OTHER, lastModified: second + ahead };

    expect(acting(planPair(look({ from: at({ ...NEWER, lastModified: second }), to: at(to) }))).announced.writing.to).toBe(replaced);
  });

  it('a delete wins over an older write, which is told', () => {
    const { act, announced } = acting(planPair(look({ from: at(OTHER), to: ABSENT }, SYNCED, [deleted('to', LATER)])));

    expect(act).toMatchObject({ act: 'remove', condition: { ifMatch: 'other' } });
    expect(announced.writing.loser).toMatchObject({ side: 'from', etag: 'other', winner: { ts: LATER } });
  });

  it.each([
    ['an older delete', [deleted('to', LATER - 3000)]],
    ['one that nobody told', []],
    ['one that a reconcile found, whenever it was', [deleted('to', NOW, 'reconcile')]],
    ['one that was told before the copy was written', [deleted('to', COPY.lastModified - 1)]],
  ])('a write wins over %s, which is told', (_which, deliveries) => {
    const { act, announced } = acting(planPair(look({ from: at(NEWER), to: ABSENT }, SYNCED, deliveries)));

    expect(act).toMatchObject({ source: NEWER, condition: { ifAbsent: true } });
    expect(announced.writing.loser).toMatchObject({ side: 'to', winner: { etag: 'new' } });
    expect(announced.writing.loser?.etag).toBeUndefined();
  });

  it('and came to the same, the pair is as seen', () => {
    const same = { ...NEWER, lastModified: NOW };

    expect(planPair(look({ from: at(NEWER), to: at(same) }))).toMatchObject({
      do: 'settle',
      applied: { kind: 'pair', to: { lastModified: NOW } },
      losers: [],
    });
  });

  it('a change of tags alone is as new as its event', () => {
    const tagged = { ...OLD, tags: { t: '1' } };
    const event = aDelivery({ op: 'TAG', ts: NOW - 10 });

    expect(acting(planPair(look({ from: at(tagged), to: at(OTHER) }, SYNCED, [event]))).announced.writing.to).toBe('to');
    expect(acting(planPair(look({ from: at(tagged), to: at(OTHER) }))).announced.writing.to).toBe('from');
  });
});

describe('any look at both sides', () => {
  const observations: fc.Arbitrary<Observation> = fc.oneof(fc.constant(ABSENT), sights.map(at));
  const appliedOnes: fc.Arbitrary<Applied | null> = fc.oneof(
    fc.constant(null),
    fc.constant({ kind: 'tombstone', at: NOW - 3000 } as const),
    fc.tuple(sights, sights).map(([from, to]) => ({ kind: 'pair', from: stateOf(from), to: stateOf(to), at: NOW - 3000 }) as const),
  );
  const events = fc.array(
    fc
      .record({ side: fc.constantFrom(...SIDES), ts: fc.integer({ min: NOW - 6000, max: NOW }), origin: fc.constantFrom('s3', 'reconcile') })
      .map(({ side, ts, origin }) => deleted(side, ts, origin)),
    { maxLength: 3 },
  );
  const looks = fc
    .tuple(observations, observations, appliedOnes, events)
    .map(([from, to, applied, deliveries]) => look({ from, to }, applied, deliveries));

  it('overwrites nothing that a user wrote without telling it, on condition of what was seen', () => {
    fc.assert(
      fc.property(looks, (given) => {
        const decided = planPair(given);
        if (decided.do !== 'act') return;
        const { to, loser } = decided.announced.writing;
        const there = given.seen[to];
        const condition = 'condition' in decided.act ? decided.act.condition : undefined;
        expect(condition).toEqual(there.present ? { ifMatch: there.sight.etag } : { ifAbsent: true });
        if (!there.present) return;
        const base = given.record.applied?.kind === 'pair' ? given.record.applied[to] : null;
        if (!isStill(there, base)) expect(loser).toMatchObject({ side: to, etag: there.sight.etag });
      }),
      { numRuns: 3000 },
    );
  });

  it('removes only with evidence of the side where it is gone', () => {
    fc.assert(
      fc.property(looks, (given) => {
        const decided = planPair(given);
        if (decided.do !== 'act' || decided.act.act !== 'remove') return;
        const gone = otherSide(decided.announced.writing.to);
        expect(given.seen[gone].present).toBe(false);
        expect(given.record.deliveries.some(({ side }) => side === gone)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('comes to the mirrored plan when the sides are exchanged, but for ties', () => {
    fc.assert(
      fc.property(looks, (given) => {
        const { from, to } = given.seen;
        const tied = from.present && to.present && Math.floor(from.sight.lastModified / 1000) === Math.floor(to.sight.lastModified / 1000);
        const times = given.record.deliveries.map(({ ts }) => Math.floor(ts / 1000));
        if (tied || [from, to].some((seen) => seen.present && times.includes(Math.floor(seen.sight.lastModified / 1000)))) return;
        const { applied, deliveries } = given.record;
        const mirrored = look(
          { from: to, to: from },
          applied?.kind === 'pair' ? { ...applied, from: applied.to, to: applied.from } : applied,
          deliveries.map((each) => ({ ...each, side: otherSide(each.side ?? 'from') })),
        );
        const [one, other] = [planPair(given), planPair(mirrored)];
        expect(other.do).toBe(one.do);
        if (one.do !== 'act' || other.do !== 'act') return;
        expect(other.act).toEqual(one.act);
        expect(other.announced.writing.to).toBe(otherSide(one.announced.writing.to));
      }),
      { numRuns: 3000 },
    );
  });
});
