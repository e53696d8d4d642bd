import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TidemarkError } from '../../../lib/core/errors.ts';
import { isOpen } from '../../../lib/core/objects/plan.ts';
import { ABSENT, type Observation } from '../../../lib/core/objects/sight.ts';
import {
  accept,
  claim,
  complete,
  coveredBy,
  extend,
  fail,
  markDirty,
  type Outcome,
  observe,
  requeue,
  saveUpload,
  tellsNothingNew,
} from '../../../lib/core/objects/transitions.ts';
import { DEFAULT_RETRY } from '../../../lib/core/retry.ts';
import { aChange, aDelivery, anApplied, aRecord, aSight, KEY, NOW, ROUTE, records } from './records.ts';

const PRESENT: Observation = { present: true, sight: aSight() };
const LEASE = { owner: 'me', until: NOW + 60_000, dirty: false, extended: false };
const CONTEXT = { owner: 'me', policy: DEFAULT_RETRY, random: 0.5, now: NOW };
const LIMITED = new TidemarkError('REJECTED', 'no');

function outcome(over: Partial<Outcome> = {}): Outcome {
  return { applied: anApplied(), source: PRESENT, covered: new Set(), ...over };
}

describe('every transition', () => {
  it('writes the next version, at the time it was told, and drops nothing that still waits', () => {
    fc.assert(
      fc.property(records, (record) => {
        const all = [
          claim(record, 'me', NOW + 1, NOW),
          markDirty(record, LEASE, NOW),
          saveUpload(record, { id: 'u', etag: 'e1', properties: 'p' }, NOW),
          saveUpload(record, null, NOW),
          accept(record, [aChange({ ts: NOW })], NOW),
          complete(record, outcome(), NOW).record,
          fail(record, coveredBy(record), LIMITED, CONTEXT).record,
          ...[extend({ ...record, lease: LEASE }, 'me', NOW + 99, NOW), requeue(record, undefined, NOW)].filter((each) => each !== null),
        ];
        const ids = record.deliveries.filter(isOpen).map(({ id }) => id);
        for (const next of all) {
          expect(next.version).toBe(record.version + 1);
          expect(next.updatedAt).toBe(NOW);
          expect({ route: next.route, key: next.key }).toEqual({ route: ROUTE, key: KEY });
          expect(ids.filter((id) => !next.deliveries.some((delivery) => delivery.id === id))).toEqual([]);
        }
      }),
    );
  });

  it('may be dropped by the table only as the tombstone of a settled key without a lease', () => {
    fc.assert(
      fc.property(records, (record) => {
        const claimed = claim(record, 'me', NOW + 1, NOW);
        const { record: completed } = complete(claimed, outcome({ applied: { kind: 'tombstone', at: NOW }, source: ABSENT }), NOW);
        expect(claimed.expiresAt).toBeUndefined();
        expect(completed.expiresAt !== undefined).toBe(!completed.deliveries.some(isOpen));
      }),
    );
  });
});

describe('observing', () => {
  it('begins an unknown key at version 0 with its changes pending', () => {
    expect(observe(null, ROUTE, KEY, [aChange()], NOW)).toMatchObject({ version: 0, applied: null, deliveries: [{ status: 'pending', etag: 'e1' }] });
  });

  it('covers what waits, runs or failed, and nothing that ended', () => {
    const ids = (['pending', 'in_progress', 'error', 'done', 'superseded'] as const).map((status) => aDelivery({ id: status, status }));

    expect([...coveredBy(aRecord({ deliveries: ids }))]).toEqual(['pending', 'in_progress', 'error']);
  });
});

describe('a lease', () => {
  it('is claimed clean, and takes what waits with it', () => {
    const claimed = claim(aRecord({ deliveries: [aDelivery(), aDelivery({ id: 'e', status: 'error' })] }), 'me', NOW + 5, NOW);

    expect(claimed.lease).toEqual({ owner: 'me', until: NOW + 5, dirty: false, extended: false });
    expect(claimed.deliveries.map(({ status }) => status)).toEqual(['in_progress', 'error']);
  });

  it('leaves the intent to write behind until something is known to be applied', () => {
    const claimed = claim(aRecord(), 'dead', NOW + 5, NOW);
    const { record: kept } = complete(claimed, outcome({ applied: null, source: ABSENT }), NOW);
    const again = claim(kept, 'me', NOW + 9, NOW);

    expect([claimed.intent, kept.lease, kept.intent]).toEqual([true, null, true]);
    expect(complete(again, outcome(), NOW).record).not.toHaveProperty('intent');
    expect(claim(aRecord({ applied: anApplied() }), 'me', NOW + 5, NOW)).not.toHaveProperty('intent');
  });

  it.each([
    ['another holds it', { ...LEASE, owner: 'other' }],
    ['it ran out', { ...LEASE, until: NOW }],
    ['there is none', null],
  ])('is not extended when %s', (_why, lease) => {
    expect(extend(aRecord({ lease }), 'me', NOW + 99_000, NOW)).toBeNull();
  });

  it('keeps its dirty flag when it is extended', () => {
    expect(extend(aRecord({ lease: { ...LEASE, dirty: true } }), 'me', NOW + 99_000, NOW)?.lease).toEqual({
      ...LEASE,
      until: NOW + 99_000,
      dirty: true,
      extended: true,
    });
  });

  it('is marked dirty without changing hands', () => {
    expect(markDirty(aRecord({ lease: LEASE }), LEASE, NOW).lease).toEqual({ ...LEASE, dirty: true });
  });
});

describe('completing', () => {
  it('settles what was covered, gives the lease back and forgets the upload', () => {
    const waiting = aDelivery({ status: 'in_progress', lastError: 'x', dueAt: NOW + 1 });
    const record = aRecord({ lease: LEASE, deliveries: [waiting], upload: { id: 'u', etag: 'e1', properties: 'p' } });

    const { record: next, done, dirty } = complete(record, outcome({ covered: new Set([waiting.id]) }), NOW);

    expect({ done, dirty, lease: next.lease, upload: next.upload }).toEqual({ done: 1, dirty: false, lease: null, upload: undefined });
    expect(next.deliveries[0]).toMatchObject({ status: 'done', attempts: 1, updatedAt: NOW });
    expect(next.deliveries[0]).not.toHaveProperty('lastError');
    expect(next.deliveries[0]).not.toHaveProperty('dueAt');
  });

  it('says that something newer came, and leaves it waiting', () => {
    const record = aRecord({
      lease: { ...LEASE, dirty: true },
      deliveries: [aDelivery({ id: 'old', status: 'in_progress' }), aDelivery({ id: 'new' })],
    });

    const completion = complete(record, outcome({ covered: new Set(['old']) }), NOW);

    expect(completion.dirty).toBe(true);
    expect(completion.record.deliveries.map(({ id, status }) => [id, status])).toEqual([
      ['old', 'done'],
      ['new', 'pending'],
    ]);
  });

  it('need not be written when it tells nothing new', () => {
    const record = aRecord({ applied: anApplied(), deliveries: [aDelivery({ status: 'done' })] });
    const kept = outcome({ applied: record.applied });
    const told = (before: typeof record): boolean => tellsNothingNew(before, complete(before, kept, NOW).record, kept);

    expect(told(record)).toBe(true);
    expect(told({ ...record, lease: { ...LEASE, until: NOW - 1 } })).toBe(false);
    expect(told({ ...record, version: 0 })).toBe(false);
    expect(told({ ...record, deliveries: [aDelivery()] })).toBe(false);
    expect(tellsNothingNew(record, record, outcome({ applied: anApplied() }))).toBe(false);
  });
});

describe('failing', () => {
  const waiting = aDelivery({ status: 'in_progress' });

  it('counts an attempt and waits for the next one', () => {
    const { record, retryInMs, errors } = fail(aRecord({ lease: LEASE, deliveries: [waiting] }), new Set([waiting.id]), LIMITED, CONTEXT);

    expect(record.deliveries[0]).toMatchObject({ status: 'pending', attempts: 1, lastError: 'REJECTED: no', dueAt: NOW + (retryInMs ?? Number.NaN) });
    expect({ errors, lease: record.lease }).toEqual({ errors: 0, lease: null });
  });

  it('ends as an error after the attempts that the route allows, and after patient ones too', () => {
    for (const [code, most] of [
      ['REJECTED', DEFAULT_RETRY.maxRetries],
      ['UNAVAILABLE', DEFAULT_RETRY.maxPatientRetries],
      ['TOO_LARGE', 1],
    ] as const) {
      let record = aRecord({ deliveries: [waiting] });
      let attempts = 0;
      for (let ended = false; !ended && attempts < 1000; attempts++) {
        // Each attempt comes when the backoff of the former is over.
        const now = record.deliveries[0]?.dueAt ?? NOW;
        const failure = fail(record, new Set([waiting.id]), new TidemarkError(code, 'no'), { ...CONTEXT, now });
        record = failure.record;
        ended = failure.retryInMs === null;
      }
      expect({ code, attempts, status: record.deliveries[0]?.status }).toEqual({ code, attempts: most, status: 'error' });
      expect(record.deliveries[0]).not.toHaveProperty('dueAt');
    }
  });

  it("leaves another's lease alone", () => {
    const held = aRecord({ lease: { ...LEASE, owner: 'other' }, deliveries: [waiting] });

    expect(fail(held, new Set([waiting.id]), LIMITED, CONTEXT).record.lease).toBe(held.lease);
  });

  it('leaves what it did not cover, and what was settled meanwhile', () => {
    const settled = aDelivery({ id: 'settled', status: 'done' });
    const other = aDelivery({ id: 'other' });

    const { record } = fail(aRecord({ deliveries: [settled, other, waiting] }), new Set([waiting.id, 'settled']), LIMITED, CONTEXT);

    expect(record.deliveries.slice(0, 2)).toEqual([settled, other]);
  });

  it('counts once a backoff, however many messages of the key fail in it', () => {
    const first = fail(aRecord({ deliveries: [waiting] }), new Set([waiting.id]), LIMITED, CONTEXT);
    const again = fail(first.record, new Set([waiting.id]), LIMITED, CONTEXT);

    expect(again.record.deliveries[0]?.attempts).toBe(1);
    expect(again.retryInMs).toBe(first.retryInMs);
  });

  it('leaves nothing behind when no event stood behind the look, and no error that waits for a person', () => {
    const failed = aDelivery({ id: 'failed', status: 'error', attempts: 5 });

    const { record, errors, retryInMs } = fail(aRecord({ deliveries: [failed] }), new Set(['failed']), LIMITED, CONTEXT);

    expect({ errors, retryInMs, deliveries: record.deliveries }).toEqual({ errors: 0, retryInMs: null, deliveries: [failed] });
  });
});

describe('failing on a bidirectional route', () => {
  const lease = { owner: 'me', until: NOW + 60_000, dirty: false, extended: false };
  const source = { etag: 'e', size: 1, print: 'p' };
  const loser = { id: 'c', side: 'to', etag: 'lost', winner: { etag: 'e' }, at: NOW } as const;
  const record = aRecord({ lease, writing: { to: 'to', source, before: null, told: [], at: NOW }, deliveries: [aDelivery()] });
  const covered = new Set(record.deliveries.map(({ id }) => id));
  const context = { ...CONTEXT, owner: 'me' };

  it('ends a lease whose last write may land yet, and leaves it to rest', () => {
    expect(fail(record, covered, LIMITED, { ...context, rests: true }).record).toMatchObject({
      lease: { owner: 'me', until: NOW },
      writing: { to: 'to' },
    });
    expect(fail(record, covered, LIMITED, { ...context, rests: false }).record.lease).toBeNull();
  });

  it('says what was written before it', () => {
    const tombstone = { kind: 'tombstone', at: NOW } as const;
    const failed = fail(record, covered, LIMITED, { ...context, written: { applied: tombstone, losers: [loser] } }).record;

    expect(failed).toMatchObject({ applied: tombstone, conflicts: [loser] });
    expect(failed.writing).toBeUndefined();
  });

  it('says nothing of it under the lease of another', () => {
    const theirs = { ...context, owner: 'other', written: { applied: null, losers: [loser] } };

    expect(fail(record, covered, LIMITED, theirs).record).toMatchObject({ lease, writing: { to: 'to' } });
    expect(fail(record, covered, LIMITED, theirs).record.conflicts).toBeUndefined();
  });

  it('keeps a tombstone for as long as a conflict is told', () => {
    const deleted = aRecord({ applied: { kind: 'tombstone', at: NOW }, conflicts: [loser] });
    const outcome = { applied: deleted.applied, source: ABSENT, covered: new Set<string>() };

    expect(complete(deleted, outcome, NOW).record.expiresAt).toBeUndefined();
    const { conflicts: _none, ...plain } = deleted;
    expect(complete(plain, outcome, NOW).record.expiresAt).toBeGreaterThan(NOW);
  });
});

describe('requeueing', () => {
  const record = aRecord({
    deliveries: [
      aDelivery({ id: 'a', status: 'error', attempts: 5, lastError: 'x' }),
      aDelivery({ id: 'b', status: 'error' }),
      aDelivery({ id: 'c', status: 'done' }),
    ],
  });

  it('gives the named error a new life', () => {
    const requeued = requeue(record, new Set(['a']), NOW);

    expect(requeued?.deliveries.map(({ status }) => status)).toEqual(['pending', 'error', 'done']);
    expect(requeued?.deliveries[0]).toMatchObject({ attempts: 0 });
    expect(requeued?.deliveries[0]).not.toHaveProperty('lastError');
  });

  it('gives all errors one when none is named', () => {
    expect(requeue(record, undefined, NOW)?.deliveries.map(({ status }) => status)).toEqual(['pending', 'pending', 'done']);
  });

  it('is nothing to write when no error is meant', () => {
    expect(requeue(record, new Set(['c', 'unknown']), NOW)).toBeNull();
  });
});
