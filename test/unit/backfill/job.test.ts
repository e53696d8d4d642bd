import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claim, isDue, keptMs, overlapping, reconciled, released, unstarted } from '../../../lib/core/backfill/claims.ts';
import { estimateOf } from '../../../lib/core/backfill/estimate.ts';
import { type BackfillJob, cancelled, ENDED, failed, finished, newJob, planned, rangesOf, resumed } from '../../../lib/core/backfill/job.ts';
import { backfillMessage, backfillOf } from '../../../lib/core/backfill/message.ts';
import { progressOf } from '../../../lib/core/backfill/progress.ts';
import { advanced, completed, newRange, restOf } from '../../../lib/core/backfill/range-progress.ts';
import type { ObjectChange } from '../../../lib/core/change.ts';
import { lookMessage, parseMessage } from '../../../lib/core/objects/message.ts';
import { AWKWARD_KEYS } from '../../fixtures/awkward-keys.ts';

const NOW = 1_800_000_000_000;
const ON_AWS = { onAws: true, paidSource: true, paidDestination: true, leaves: true } as const;
const estimate = estimateOf({ objects: 1_000, bytes: 1e9, exact: true, differing: 0.5 }, { mode: 'missing', ...ON_AWS });
const fresh = newJob({ id: 'b1', route: 'r', prefix: '', mode: 'missing', estimate }, NOW);

const TRANSITIONS: Readonly<Record<string, (job: BackfillJob) => BackfillJob | null>> = {
  planned: (job) => planned(job, ['m'], estimate, NOW + 1),
  finished: (job) => finished(job, NOW + 1),
  failed: (job) => failed(job, { code: 'ACCESS_DENIED', message: 'no' }, NOW + 1),
  cancelled: (job) => cancelled(job, NOW + 1),
  resumed: (job) => resumed(job, NOW + 1),
};

/** Null, too, for what is refused aloud. */
function taken(job: BackfillJob, name: string): BackfillJob | null {
  try {
    return TRANSITIONS[name]?.(job) ?? null;
  } catch {
    return null;
  }
}

describe('a job', () => {
  it('takes every transition to the next version, and none out of done or cancelled', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.keys(TRANSITIONS)), { maxLength: 12 }), (names) => {
        let job = fresh;
        for (const name of names) {
          const changed = taken(job, name);
          if (job.status === 'done' || job.status === 'cancelled') expect(changed).toBeNull();
          if (!changed) continue;
          expect(changed.version).toBe(job.version + 1);
          expect(changed.endedAt !== undefined).toBe(ENDED[changed.status]);
          expect(changed.failure !== undefined).toBe(changed.status === 'failed' || (changed.status === 'cancelled' && job.status === 'failed'));
          // Planned once, its ranges stand.
          if (job.boundaries !== null) expect(changed.boundaries).toBe(job.boundaries);
          job = changed;
        }
      }),
    );
  });

  it('goes from planning to running to done', () => {
    const running = taken(fresh, 'planned');
    expect(running && rangesOf(running)).toEqual([{ through: 'm' }, { after: 'm' }]);
    expect(running && taken(running, 'planned')).toBeNull();
    expect(running && taken(running, 'finished')).toMatchObject({ status: 'done', endedAt: NOW + 1 });
    expect(taken(fresh, 'finished')).toBeNull();
  });

  it('that failed while it was planned is planned when it is resumed, and started once more', () => {
    const broken = taken(fresh, 'failed');
    expect(broken && taken(broken, 'resumed')).toMatchObject({ status: 'planning', starts: 2 });
  });
});

describe('a range', () => {
  const counts = { listed: 2, enqueued: 1, bytes: 10 };

  it('adds up its pages, and never goes back', () => {
    const range = newRange('b1', 0, { after: 'a', through: 'z' }, NOW);
    const two = advanced(advanced(range, 'm', counts, NOW), 'k', counts, NOW);

    expect(two).toMatchObject({ status: 'listing', at: 'm', listed: 4, enqueued: 2, bytes: 20, version: 2 });
    expect(restOf(range)).toEqual({ after: 'a', through: 'z' });
    expect(restOf(two)).toEqual({ after: 'm', through: 'z' });
    expect(completed(two, NOW)).toMatchObject({ status: 'done', version: 3 });
  });
});

describe('claims', () => {
  const held = { route: 'r', version: 3, claims: [{ id: 'b1', kind: 'backfill' as const, prefix: 'a/b', at: NOW }] };

  it('overlap exactly where one key can begin with both prefixes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\u{10000}'), maxLength: 5 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const of = (one: string, other: string): number =>
          overlapping({ ...held, claims: [{ id: 'x', kind: 'backfill', prefix: one, at: NOW }] }, { kind: 'backfill', prefix: other }).length;
        expect(of(a, b)).toBe(of(b, a));
        expect(of(a, b)).toBe(a.startsWith(b) || b.startsWith(a) ? 1 : 0);
      }),
    );
  });

  it('are kept and released one by one', () => {
    const two = claim(held, { id: 'b2', kind: 'backfill', prefix: 'c', at: NOW });
    expect(two.claims.map(({ id }) => id)).toEqual(['b1', 'b2']);
    expect(claim(two, { id: 'b3', kind: 'backfill', prefix: 'd', at: NOW }, new Set(['b1'])).claims.map(({ id }) => id)).toEqual(['b2', 'b3']);
    const gone = released(two, { id: 'b1', mode: 'all' });
    expect(gone).toMatchObject({ claims: { version: 5, claims: [{ id: 'b2' }] }, over: null });
    expect(gone && released(gone.claims, { id: 'b1', mode: 'all' })).toBeNull();
  });
});

describe('jobs that ended', () => {
  it('are over but for the newest of each mode, in whatever order they end, and however often that is told', () => {
    const modes = fc.constantFrom('all' as const, 'verify' as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 10, max: 20 }), modes), { maxLength: 20 }), (told) => {
        let held: Parameters<typeof released>[0] = { route: 'r', version: 0, claims: [] };
        const over = new Set<string>();
        for (const [n, mode] of told) {
          const changed = released(held, { id: `${mode}-${n}`, mode });
          if (changed?.over) over.add(changed.over);
          held = changed?.claims ?? held;
        }
        const ids = (of: string) => [...new Set(told.filter(([, mode]) => mode === of).map(([n]) => `${of}-${n}`))].sort();
        expect([...over].sort()).toEqual([...ids('all').slice(0, -1), ...ids('verify').slice(0, -1)]);
      }),
    );
  });

  it('are kept as long as their reports, where they have any', () => {
    expect([keptMs('verify'), keptMs('reconcile')].map((ms) => ms / 86_400_000)).toEqual([400, 35]);
  });
});

describe('what the clock starts', () => {
  const DAY = 86_400_000;
  const whole = (at: number, held: Parameters<typeof claim>[0] = { route: 'r', version: 0, claims: [] }) =>
    claim(held, { id: 'v', kind: 'reconcile', prefix: '', at }, new Set(), true);

  it('is due at once, and again after its period', () => {
    expect(isDue({ route: 'r', version: 0, claims: [] }, 'reconcile', DAY, NOW)).toBe(true);
    expect([DAY - 1, DAY].map((later) => isDue(whole(NOW), 'reconcile', DAY, NOW + later))).toEqual([false, true]);
  });

  it('is tried again soon where it failed at its start, ever more seldom, and never more seldom than its period', () => {
    let held = whole(NOW);
    let now = NOW;
    const waits = Array.from({ length: 14 }, () => {
      held = unstarted(held, 'reconcile', now);
      const since = now;
      while (!isDue(held, 'reconcile', DAY, now)) now += 60_000;
      held = whole(now, held);
      return (now - since) / 60_000;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440]);
    held = unstarted(reconciled(held, now) ?? held, 'reconcile', now);
    expect(isDue(held, 'reconcile', DAY, now + 60_000)).toBe(true);
  });

  it('waits for its period where it failed later, however often its start failed before', () => {
    const held = whole(NOW + 60_000, unstarted(whole(NOW), 'reconcile', NOW));
    expect(isDue(held, 'reconcile', DAY, NOW + DAY)).toBe(false);
    expect(isDue(held, 'reconcile', DAY, NOW + 60_000 + DAY)).toBe(true);
  });
});

describe('a message', () => {
  it.each(AWKWARD_KEYS)('is a look that the replayer reads, and says for which backfill: $label', ({ key }) => {
    const change: ObjectChange = { op: 'PUT', key, origin: 'backfill', ts: NOW, etag: 'e', size: 1 };
    const body = backfillMessage('b1', 'r', change);

    expect(parseMessage(body)).toEqual({ kind: 'look', route: 'r', key, changes: [change] });
    expect(backfillOf(body)).toBe('b1');
  });

  it('of others is none of a backfill, whatever its key', () => {
    expect(backfillOf(lookMessage('r', '"backfill":"b1"'))).toBeNull();
    expect(backfillOf(lookMessage('r', ',"backfill":"b1"}'))).toBeNull();
    expect(backfillOf('{"backfill":"')).toBeNull();
    expect(backfillOf('{"backfill":"", "x')).toBeNull();
  });
});

describe('progress', () => {
  it('never counts more than was enqueued, whatever was counted twice', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(50), fc.nat(50), (listed, some, done, failures) => {
        const range = { ...newRange('b1', 0, {}, NOW), listed: Math.max(listed, some), enqueued: some };
        const shown = progressOf({ ...fresh, status: 'running', boundaries: [] }, [range], { done, failed: failures }, NOW + 1_000);
        expect(shown.done + shown.failed + shown.waiting).toBe(some);
        expect(Math.min(shown.done, shown.failed, shown.waiting)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('tells the rate, and the time that is left at that rate', () => {
    const range = { ...newRange('b1', 0, {}, NOW), listed: 250, enqueued: 10 };
    const running = { ...fresh, status: 'running', boundaries: [] } as const;

    expect(progressOf(running, [range], { done: 0, failed: 0 }, NOW + 5_000)).toMatchObject({ planned: 1_000, rate: 50, timeLeftMs: 15_000 });
    expect(progressOf(running, [], { done: 0, failed: 0 }, NOW)).toMatchObject({ rate: 0, timeLeftMs: null });
    expect(progressOf({ ...running, status: 'done' }, [range], { done: 0, failed: 0 }, NOW + 5_000)).toMatchObject({ planned: 250, timeLeftMs: 0 });
  });
});

describe('an estimate', () => {
  it('adds up', () => {
    const { cost, requests } = estimate;
    expect(cost.total).toBeCloseTo(cost.s3 + cost.transfer + cost.dynamodb + cost.sqs + cost.lambda, 3);
    expect(requests).toMatchObject({ list: 4, head: 1_000, copy: 500 });
    expect(cost.transfer).toBeCloseTo(0.01, 4);
  });

  it('is free of charge where nothing is on AWS', () => {
    const own = { onAws: false, paidSource: false, paidDestination: false, leaves: false };
    expect(estimateOf({ objects: 1e6, bytes: 1e12, exact: false, differing: 1 }, { mode: 'all', ...own }).cost.total).toBe(0);
  });
});
