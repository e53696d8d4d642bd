/** What every store of backfills must do. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BackfillJob, newJob } from '../../lib/core/backfill/job.ts';
import { advanced, newRange } from '../../lib/core/backfill/range-progress.ts';
import type { BackfillJobs, BackfillTally } from '../../lib/ports/backfills.ts';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';

export interface BackfillsUnderTest {
  readonly backfills: BackfillJobs & BackfillTally;
  /** What the store, or the host for it, does with what is over, ms since the epoch. */
  purge(now: number): Promise<void>;
  dispose(): Promise<void> | void;
}

const NOW = 1_800_000_000_000;
const COUNTS = { list: 2, head: 4, copy: 2, queue: 1, writeUnits: 6, readUnits: 3 };
const COST = { s3: 0.01, transfer: 0, dynamodb: 0, sqs: 0, lambda: 0, total: 0.01 };
const ESTIMATE = { objects: 2, bytes: 20, exact: true, copies: 2, copyBytes: 20, requests: COUNTS, cost: COST, prices: '2026-11' };

function job(id: string): BackfillJob {
  return newJob({ id, route: 'eu-to-us', prefix: 'a/', mode: 'missing', estimate: ESTIMATE }, NOW);
}

export function backfillsContract(name: string, create: () => Promise<BackfillsUnderTest>): void {
  describe(`backfills: ${name}`, () => {
    let test: BackfillsUnderTest;
    let backfills: BackfillsUnderTest['backfills'];
    beforeEach(async () => {
      test = await create();
      ({ backfills } = test);
    });
    afterEach(() => test.dispose());

    it('keeps a job as it was put', async () => {
      const wanted = { ...job('b1'), boundaries: AWKWARD_KEYS.map(({ key }) => key) };
      expect(await backfills.get('b1')).toBeNull();
      expect(await backfills.put(wanted, 0)).toBe(true);
      expect(await backfills.get('b1')).toEqual(wanted);
    });

    it('swaps a job only for the version that is stored', async () => {
      const first = job('b1');
      const second: BackfillJob = { ...first, version: 2, status: 'running' };
      expect(await backfills.put(second, 1)).toBe(false);
      expect(await backfills.put(first, 0)).toBe(true);
      expect(await backfills.put({ ...first, prefix: 'other' }, 0)).toBe(false);
      expect(await backfills.put(second, 1)).toBe(true);
      expect(await backfills.put({ ...second, status: 'done' }, 1)).toBe(false);
      expect(await backfills.get('b1')).toEqual(second);
    });

    it('lets one of many writers win', async () => {
      const won = await Promise.all(Array.from({ length: 8 }, (_, n) => backfills.put({ ...job('b1'), prefix: String(n) }, 0)));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    it('lists the newest first, page by page', async () => {
      const ids = Array.from({ length: 7 }, (_, n) => `0190-${n}`);
      for (const id of ids) await backfills.put(job(id), 0);
      const newest = [...ids].reverse();
      expect((await backfills.list(['backfill'], 10)).map(({ id }) => id)).toEqual(newest);
      expect((await backfills.list(['backfill'], 3)).map(({ id }) => id)).toEqual(newest.slice(0, 3));
      expect((await backfills.list(['backfill'], 3, newest[2])).map(({ id }) => id)).toEqual(newest.slice(3, 6));
      expect(await backfills.list(['backfill'], 3, newest.at(-1))).toEqual([]);
    });

    it('lists those of the kinds that are asked for, a whole page of them', async () => {
      const modes = ['missing', 'verify', 'all', 'repair', 'reconcile', 'verify'] as const;
      for (const [n, mode] of modes.entries()) await backfills.put({ ...job(`0190-${n}`), mode }, 0);
      const idsOf = async (kinds: Parameters<BackfillJobs['list']>[0], limit: number): Promise<readonly string[]> =>
        (await backfills.list(kinds, limit)).map(({ id }) => id);
      expect(await idsOf(['backfill'], 10)).toEqual(['0190-2', '0190-0']);
      expect(await idsOf(['verify', 'repair'], 2)).toEqual(['0190-5', '0190-3']);
      expect(await idsOf(['reconcile'], 10)).toEqual(['0190-4']);
    });

    it('keeps ranges by their index, each with any key', async () => {
      const keys = AWKWARD_KEYS.map(({ key }) => key);
      for (const [index, after] of keys.entries()) {
        const fresh = newRange('b1', index, { after, through: `${after}z`.slice(0, 1000) }, NOW);
        expect(await backfills.putRange(advanced(fresh, after, { listed: 1, enqueued: 1, bytes: 1 }, NOW), 0)).toBe(true);
      }
      await backfills.putRange({ ...newRange('b2', 0, {}, NOW), version: 1 }, 0);
      const stored = await backfills.ranges('b1');
      expect(stored.map(({ index }) => index)).toEqual(keys.map((_, index) => index));
      expect(stored.map(({ at }) => at)).toEqual(keys);
      expect(await backfills.ranges('b3')).toEqual([]);
    });

    it('swaps a range only for the version that is stored: of two walkers, one goes on', async () => {
      const first = advanced(newRange('b1', 3, {}, NOW), 'k', { listed: 1, enqueued: 0, bytes: 0 }, NOW);
      expect(await backfills.putRange(first, 0)).toBe(true);
      const next = advanced(first, 'l', { listed: 1, enqueued: 0, bytes: 0 }, NOW);
      expect(await Promise.all([backfills.putRange(next, 1), backfills.putRange(next, 1)])).toEqual(expect.arrayContaining([true, false]));
      expect(await backfills.ranges('b1')).toEqual([next]);
    });

    it('keeps the claims of each route apart', async () => {
      expect(await backfills.claims('r')).toEqual({ route: 'r', version: 0, claims: [] });
      const held = { route: 'r', version: 1, claims: [{ id: 'b1', kind: 'backfill' as const, prefix: 'a\u{10000}', at: NOW }] };
      expect(await backfills.putClaims(held, 0)).toBe(true);
      expect(await backfills.putClaims({ ...held, claims: [] }, 0)).toBe(false);
      expect(await backfills.claims('r')).toEqual(held);
      expect(await backfills.claims('s')).toEqual({ route: 's', version: 0, claims: [] });
    });

    it('adds up what became of the messages, whoever counts', async () => {
      expect(await backfills.read('b1')).toEqual({ done: 0, failed: 0 });
      await Promise.all(Array.from({ length: 10 }, () => backfills.add('b1', { done: 2, failed: 1 })));
      await backfills.add('b2', { done: 1, failed: 0 });
      expect(await backfills.read('b1')).toEqual({ done: 20, failed: 10 });
      expect(await backfills.ranges('b1')).toEqual([]);
    });

    it('drops what is over, with all that belongs to it, and nothing else', async () => {
      for (const id of ['b1', 'b2']) {
        await backfills.put(job(id), 0);
        for (const index of [0, 300]) await backfills.putRange({ ...newRange(id, index, {}, NOW), version: 1 }, 0);
        await backfills.add(id, { done: 2, failed: 1 });
      }
      const stored = async (id: string) => [await backfills.get(id), (await backfills.ranges(id)).length, await backfills.read(id)];
      const whole = await Promise.all(['b1', 'b2'].map(stored));
      await backfills.expire('b1', NOW + 60_000);
      await backfills.expire('b3', NOW);
      await test.purge(NOW + 59_000);
      expect(await Promise.all(['b1', 'b2'].map(stored))).toEqual(whole);
      expect(await backfills.get('b3')).toBeNull();

      await test.purge(NOW + 60_000);

      expect(await stored('b1')).toEqual([null, 0, { done: 0, failed: 0 }]);
      expect(await stored('b2')).toEqual(whole[1]);
      expect((await backfills.list(['backfill'], 10)).map(({ id }) => id)).toEqual(['b2']);
    });

    it('keeps what was to be dropped where that is taken back, and all that is written meanwhile', async () => {
      await backfills.put(job('b1'), 0);
      await backfills.expire('b1', NOW);
      await backfills.put({ ...job('b1'), version: 2, status: 'running' }, 1);
      await backfills.expire('b1', null);
      await test.purge(NOW + 60_000);
      expect(await backfills.get('b1')).toMatchObject({ version: 2, status: 'running' });
    });
  });
}
