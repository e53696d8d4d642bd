/** The contract of WorkIndex. It may lag behind the records, so everything read from it is awaited. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Conflict } from '../../lib/core/objects/conflict.ts';
import type { ReplicationRecord } from '../../lib/core/objects/record.ts';
import { SWEEP_GRACE_MS } from '../../lib/core/objects/record.ts';
import type { RecordRef, ReplicationState, StateStats, WorkIndex } from '../../lib/ports/replication-state.ts';
import {
  APPLIED,
  delivery,
  LEASE,
  listedIds,
  NOW,
  next,
  pages,
  ROUTE,
  record,
  type StateUnderTest,
  store,
  TOMBSTONE,
  trimmed,
} from './replication-state-support.ts';

const keys = (refs: readonly RecordRef[]): readonly string[] => refs.map(({ key }) => key);

export function workIndexContract(name: string, factory: () => Promise<StateUnderTest>): void {
  describe(`work index: ${name}`, () => {
    let subject: StateUnderTest;
    let state: ReplicationState;
    let index: WorkIndex;
    beforeEach(async () => {
      subject = await factory();
      ({ state, index } = subject);
    });
    afterEach(() => subject.dispose());

    const expectStats = (wanted: Partial<StateStats>): Promise<void> => expect.poll(() => index.stats()).toMatchObject(wanted);

    describe('due', () => {
      it('names what is due, the longest due first, and never the happy path', async () => {
        await store(state, [
          record('later', { deliveries: [delivery('l', 'pending', { dueAt: NOW + 2_000 })] }),
          record('first', { deliveries: [delivery('f1', 'pending', { dueAt: NOW + 9_000 }), delivery('f2', 'in_progress', { dueAt: NOW })] }),
          record('leased', { lease: { ...LEASE, until: NOW + 1_000 } }),
          record('not yet', { deliveries: [delivery('n', 'pending', { dueAt: NOW + 2_001 })] }),
          record('done', { applied: APPLIED, deliveries: [delivery('d', 'done')] }),
          record('short lease', { lease: { ...LEASE, extended: false } }),
          record('under way', { lease: { ...LEASE, extended: false }, deliveries: [delivery('u', 'in_progress', { origin: 's3' })] }),
          record('failed', { deliveries: [delivery('e', 'error')] }),
        ]);
        const before = NOW + 2_000 + SWEEP_GRACE_MS;

        await expect.poll(async () => keys(await index.due([ROUTE], before, 10))).toEqual(['first', 'leased', 'later']);
        expect(await index.due([ROUTE], before, 1)).toEqual([{ route: ROUTE, key: 'first' }]);
        expect(await index.due([ROUTE], NOW, 10)).toEqual([]);
      });

      it('lets go of what is settled', async () => {
        const waiting = record('k', { deliveries: [delivery('d', 'pending')] });
        await state.put(waiting, 0);
        await expect.poll(() => index.due([ROUTE], NOW + SWEEP_GRACE_MS, 10)).toHaveLength(1);

        await state.put(next(waiting, { deliveries: [delivery('d', 'done')] }), 1);

        await expect.poll(() => index.due([ROUTE], NOW + SWEEP_GRACE_MS, 10)).toEqual([]);
        await expect.poll(() => index.waiting('open', 10)).toEqual([]);
      });
    });

    describe('due of some routes', () => {
      it('is not starved by what is due longer of others', async () => {
        const other = (n: number): ReplicationRecord => ({
          ...record(`other ${n}`, { deliveries: [delivery('o', 'pending', { dueAt: NOW })] }),
          route: 'removed',
        });
        await store(state, [other(1), other(2), record('mine', { deliveries: [delivery('m', 'pending', { dueAt: NOW + 1_000 })] })]);
        const before = NOW + 1_000 + SWEEP_GRACE_MS;

        await expect.poll(() => index.due([ROUTE], before, 1)).toEqual([{ route: ROUTE, key: 'mine' }]);
        await expect.poll(() => index.due(['removed', ROUTE], before, 10)).toHaveLength(3);
        expect(await index.due([], before, 10)).toEqual([]);
      });
    });

    describe('waiting', () => {
      beforeEach(() =>
        store(state, [
          record('young', { deliveries: [delivery('y', 'error', { createdAt: NOW + 2 })] }),
          record('old', { deliveries: [delivery('o', 'error', { createdAt: NOW })] }),
          record('middle', { deliveries: [delivery('m', 'error', { createdAt: NOW + 1 })] }),
          record('open', { deliveries: [delivery('p', 'pending')] }),
          record('both', { deliveries: [delivery('b1', 'error', { createdAt: NOW + 3 }), delivery('b2', 'in_progress', { createdAt: NOW + 1 })] }),
          record('leased', { lease: LEASE }),
          record('done', { deliveries: [delivery('d', 'done')] }),
        ]),
      );

      it('names records with an open delivery and records with an error, oldest first', async () => {
        await expect.poll(async () => keys(await index.waiting('error', 10))).toEqual(['old', 'middle', 'young', 'both']);
        await expect.poll(async () => keys(await index.waiting('open', 10))).toEqual(['open', 'both']);
      });

      it('goes on after the last one of a page', async () => {
        await expect.poll(() => index.waiting('error', 10)).toHaveLength(4);

        const first = await index.waiting('error', 2);
        const second = await index.waiting('error', 2, first[1]);

        expect([...keys(first), ...keys(second)]).toEqual(['old', 'middle', 'young', 'both']);
        expect(await index.waiting('error', 2, second[1])).toEqual([]);
      });

      it('goes on even when what a page named has been settled meanwhile', async () => {
        await expect.poll(() => index.waiting('error', 10)).toHaveLength(4);
        const first = await index.waiting('error', 2);
        const last = await state.get(ROUTE, 'middle');
        if (last) await state.put(next(last, { deliveries: [] }), last.version);
        await expect.poll(() => index.waiting('error', 10)).toHaveLength(3);

        const second = await index.waiting('error', 2, first[1]);

        expect(keys(second)).toEqual(['young', 'both']);
      });
    });

    describe('conflicts', () => {
      const told = (id: string, at: number): Conflict => ({ id, side: 'to', etag: 'e', size: 1, ts: NOW, winner: { etag: 'w', ts: NOW + 1 }, at });
      const young = record('young', { applied: APPLIED, conflicts: [told('a', NOW + 5)] });
      beforeEach(() =>
        store(state, [
          young,
          record('old', { applied: APPLIED, conflicts: [told('a', NOW), told('b', NOW + 9)] }),
          record('none', { applied: APPLIED, deliveries: [delivery('e', 'error')] }),
          { ...record('elsewhere', { conflicts: [told('a', NOW + 1)] }), route: 'other' },
        ]),
      );

      it('are found by their records, the oldest first, and counted by route', async () => {
        await expect.poll(async () => keys(await index.waiting('conflict', 10))).toEqual(['old', 'elsewhere', 'young']);
        await expectStats({ conflicts: { [ROUTE]: 3, other: 1 } });
      });

      it('are neither found nor counted once they are dismissed, and a page goes on after them', async () => {
        await expect.poll(() => index.waiting('conflict', 10)).toHaveLength(3);
        const [first] = await index.waiting('conflict', 1);
        const old = await state.get(ROUTE, 'old');
        const { conflicts: _seen, ...without } = old ?? young;
        await state.put(next(without), without.version);
        await expect.poll(async () => keys(await index.waiting('conflict', 10))).toEqual(['elsewhere', 'young']);

        expect(keys(await index.waiting('conflict', 10, first))).toEqual(['elsewhere', 'young']);
        await expectStats({ conflicts: { [ROUTE]: 1, other: 1 } });
      });
    });

    describe('stats', () => {
      it('are zero at first', async () => {
        expect(await index.stats()).toEqual({
          counts: { pending: 0, in_progress: 0, done: 0, superseded: 0, error: 0 },
          openBytes: 0,
          objects: {},
          conflicts: {},
        });
      });

      it('follow a delivery from state to state', async () => {
        const pending = record('k', { deliveries: [delivery('d', 'pending', { size: 100 })] });
        await state.put(pending, 0);
        await expectStats({ counts: { pending: 1, in_progress: 0, done: 0, superseded: 0, error: 0 }, openBytes: 100, oldestOpenAt: NOW });

        const running = next(pending, { deliveries: [delivery('d', 'in_progress', { size: 100 })] });
        await state.put(running, 1);
        await expectStats({ counts: { pending: 0, in_progress: 1, done: 0, superseded: 0, error: 0 }, openBytes: 100 });

        const failed = next(running, { deliveries: [delivery('d', 'error', { size: 100 })] });
        await state.put(failed, 2);
        await expectStats({ counts: { pending: 0, in_progress: 0, done: 0, superseded: 0, error: 1 }, openBytes: 0 });
        expect((await index.stats()).oldestOpenAt).toBeUndefined();

        const done = next(failed, { applied: APPLIED, deliveries: [delivery('d', 'done', { size: 100 })] });
        await state.put(done, 3);
        await expectStats({ counts: { pending: 0, in_progress: 0, done: 1, superseded: 0, error: 0 }, objects: { [ROUTE]: 1 } });

        await state.put(next(done, { updatedAt: NOW + 1 }), 4);
        await expectStats({ counts: { pending: 0, in_progress: 0, done: 1, superseded: 0, error: 0 } });
      });

      it('keep counting what was trimmed out of the record', async () => {
        let current = record('k', { deliveries: [delivery('d0', 'done', { ts: NOW })] });
        await state.put(current, 0);
        for (let n = 1; n <= 25; n++) {
          current = trimmed(current, [...current.deliveries, delivery(`d${n}`, n % 5 === 0 ? 'superseded' : 'done', { ts: NOW + n })]);
          await state.put(current, n);
        }

        expect(current.deliveries.length).toBeLessThan(26);
        await expectStats({ counts: { pending: 0, in_progress: 0, done: 21, superseded: 5, error: 0 } });
      });

      it('count as superseded what was collapsed and dropped while it was open', async () => {
        const flood = Array.from({ length: 20 }, (_, n) => delivery(`d${n}`, 'pending', { ts: NOW + n, size: 10 }));
        const first = record('k', { deliveries: flood });
        await state.put(first, 0);
        const more = Array.from({ length: 15 }, (_, n) => delivery(`e${n}`, 'pending', { ts: NOW + 100 + n, size: 10 }));

        await state.put(trimmed(first, [...flood, ...more]), 1);

        await expectStats({ counts: { pending: 20, in_progress: 0, done: 0, superseded: 15, error: 0 }, openBytes: 200 });
      });

      it('do not move when a write loses', async () => {
        await state.put(record('k', { deliveries: [delivery('d', 'pending', { size: 7 })] }), 0);

        await state.put(record('k', { deliveries: [delivery('x', 'error')], applied: APPLIED }), 0);
        await state.put(record('k', { version: 6, deliveries: [delivery('y', 'done')] }), 5);

        await expectStats({ counts: { pending: 1, in_progress: 0, done: 0, superseded: 0, error: 0 }, openBytes: 7 });
        expect((await index.stats()).objects[ROUTE] ?? 0).toBe(0);
      });

      it('know the oldest open delivery and the objects of each route', async () => {
        const old = record('old', { deliveries: [delivery('o', 'pending', { createdAt: NOW - 500 })] });
        await store(state, [
          old,
          record('new', { applied: APPLIED, deliveries: [delivery('n', 'in_progress', { createdAt: NOW - 100 })] }),
          record('gone', { applied: TOMBSTONE, deliveries: [delivery('g', 'error', { createdAt: NOW - 900 })] }),
          { ...record('k', { applied: APPLIED }), route: 'us-to-eu' },
          { ...record('l', { applied: APPLIED }), route: 'us-to-eu' },
        ]);
        await expectStats({ oldestOpenAt: NOW - 500, objects: { [ROUTE]: 1, 'us-to-eu': 2 } });
        expect([await index.objects(ROUTE), await index.objects('us-to-eu'), await index.objects('no-such')]).toEqual([1, 2, 0]);

        await state.put(next(old, { applied: APPLIED, deliveries: [delivery('o', 'done')] }), 1);
        await state.put({ ...record('k', { applied: TOMBSTONE, version: 2 }), route: 'us-to-eu' }, 1);

        await expectStats({ oldestOpenAt: NOW - 100, objects: { [ROUTE]: 2, 'us-to-eu': 1 } });
      });
    });

    describe('oldest', () => {
      it('knows nothing of a route where nothing waits', async () => {
        await store(state, [record('k', { deliveries: [delivery('d', 'done')] })]);

        expect([await index.oldest(ROUTE), await index.oldest('no-such')]).toEqual([{}, {}]);
      });

      it('tells routes apart, and what waits for its turn from what waits for a person', async () => {
        const waiting = (route: string, key: string, status: 'pending' | 'in_progress' | 'error', createdAt: number) => ({
          ...record(key, { deliveries: [delivery(`${route} ${key}`, status, { createdAt })] }),
          route,
        });
        await store(state, [
          ...[900, 300, 700].map((age) => waiting(ROUTE, `open ${age}`, age === 900 ? 'in_progress' : 'pending', NOW - age)),
          ...[400, 800].map((age) => waiting(ROUTE, `error ${age}`, 'error', NOW - age)),
          waiting('us-to-eu', 'k', 'error', NOW - 5_000),
          waiting('ap-to-us', 'k', 'pending', NOW - 9_000),
        ]);

        await expect.poll(() => index.oldest(ROUTE)).toEqual({ open: NOW - 900, error: NOW - 800 });
        await expect.poll(() => index.oldest('us-to-eu')).toEqual({ error: NOW - 5_000 });
        await expect.poll(() => index.oldest('ap-to-us')).toEqual({ open: NOW - 9_000 });
      });
    });

    it('names what waits by time, then route, then key in UTF-8 bytes, whatever the pages', async () => {
      const keysInOrder = ['A', 'a', '\uFFEE', '\u{10000}'];
      const refs = [NOW, NOW + 1].flatMap((at) =>
        ['ap-to-us', ROUTE, 'us-to-eu'].flatMap((route) => keysInOrder.map((key) => ({ route, key: `${key} ${at}`, at }))),
      );
      await store(
        state,
        refs.toReversed().map(({ route, key, at }) => ({ ...record(key, { deliveries: [delivery(key, 'error', { createdAt: at })] }), route })),
      );
      await expect.poll(() => index.waiting('error', 100)).toHaveLength(refs.length);

      const found: string[] = [];
      for (let page = await index.waiting('error', 5); page.length > 0; page = await index.waiting('error', 5, page.at(-1))) {
        found.push(...page.map(({ route, key }) => `${route} ${key}`));
      }

      expect(found).toEqual(refs.map(({ route, key }) => `${route} ${key}`));
    });

    describe('deliveries', () => {
      it('come in the order of route, key in UTF-8 bytes, and age', async () => {
        const ordered = ['A', 'a', 'a\u0000', 'a/', 'a/b', 'a0', '\u{e9}', '\uFFEE', '\u{10000}', '\u{1F600}'];
        await store(
          state,
          [...ordered]
            .reverse()
            .flatMap((key) => [
              record(key, { deliveries: [delivery(`new ${key}`, 'done', { createdAt: NOW + 1, ts: NOW - 1 }), delivery(`old ${key}`, 'pending')] }),
              { ...record(key, { deliveries: [delivery(`other ${key}`, 'done')] }), route: 'ap-to-us' },
            ]),
        );
        const wanted = [...ordered.map((key) => `other ${key}`), ...ordered.flatMap((key) => [`old ${key}`, `new ${key}`])];

        await expect.poll(() => listedIds(index, { limit: 1_000 })).toEqual(wanted);
        expect(await listedIds(index, { limit: 3 })).toEqual(wanted);
        expect(await listedIds(index, { limit: 1 })).toEqual(wanted);
      });

      it('say where they belong and how long they are leased', async () => {
        const open = delivery('d', 'in_progress', { etag: 'e', size: 3, attempts: 2, dueAt: NOW });
        await store(state, [record('k', { lease: LEASE, deliveries: [open] })]);

        await expect.poll(() => pages(index, { limit: 10 })).toEqual([[{ ...open, route: ROUTE, key: 'k', leaseUntil: LEASE.until }]]);
      });

      it.each(['pending', 'in_progress', 'done', 'superseded', 'error'] as const)('can be chosen by status: %s', async (status) => {
        const all = (['pending', 'in_progress', 'done', 'superseded', 'error'] as const).map((one) => delivery(one, one));
        await store(state, [record('a', { deliveries: all }), record('b', { deliveries: [delivery('other', 'done')] }), record('c')]);

        await expect.poll(() => listedIds(index, { status, limit: 10 })).toEqual(status === 'done' ? ['done', 'other'] : [status]);
      });

      it.each([
        ['logs/', ['logs/2026/a_1.txt', 'logs/2026/ab1.txt', 'logs/Z.TXT']],
        ['logs/%', ['logs/2026/a_1.txt', 'logs/2026/ab1.txt', 'logs/Z.TXT']],
        ['%.txt', ['a.txt', 'logs/2026/a_1.txt', 'logs/2026/ab1.txt']],
        ['%a_1%', ['logs/2026/a_1.txt']],
        ['logs/%.txt', ['logs/2026/a_1.txt', 'logs/2026/ab1.txt']],
        ['%2026%txt', ['logs/2026/a_1.txt', 'logs/2026/ab1.txt']],
        ['logs/%/%1%', ['logs/2026/a_1.txt', 'logs/2026/ab1.txt']],
        ['LOGS/%', []],
        ['%a.txt%a.txt', []],
        ['%', ['a.txt', 'logs/2026/a_1.txt', 'logs/2026/ab1.txt', 'logs/Z.TXT', 'logs2']],
        ['', ['a.txt', 'logs/2026/a_1.txt', 'logs/2026/ab1.txt', 'logs/Z.TXT', 'logs2']],
      ])('can be chosen by key: %j', async (keyLike, wanted) => {
        const all = ['a.txt', 'logs/2026/a_1.txt', 'logs/2026/ab1.txt', 'logs/Z.TXT', 'logs2'];
        await store(
          state,
          all.map((key) => record(key, { deliveries: [delivery(key, 'error')] })),
        );

        await expect.poll(() => listedIds(index, { keyLike, limit: 10 })).toEqual(wanted);
        expect(await listedIds(index, { keyLike, status: 'error', limit: 1 })).toEqual(wanted);
        expect(await listedIds(index, { keyLike, status: 'pending', limit: 10 })).toEqual([]);
      });

      it('can skip an offset, within a record too', async () => {
        await store(
          state,
          ['a', 'b', 'c'].map((key) =>
            record(key, { deliveries: [delivery(`${key}1`, 'done'), delivery(`${key}2`, 'done', { createdAt: NOW + 1 })] }),
          ),
        );

        await expect.poll(() => listedIds(index, { offset: 3, limit: 2 })).toEqual(['b2', 'c1', 'c2']);
        expect(await listedIds(index, { offset: 6, limit: 2 })).toEqual([]);
      });

      it('go on by a cursor past what changed meanwhile', async () => {
        const first = record('b', { deliveries: [delivery('b1', 'done'), delivery('b2', 'done', { createdAt: NOW + 1 })] });
        await store(state, [first, record('d', { deliveries: [delivery('d1', 'done')] })]);
        await expect.poll(() => listedIds(index, { limit: 10 })).toEqual(['b1', 'b2', 'd1']);
        const page = await index.deliveries({ limit: 1 });

        await state.put(next(first, { deliveries: [delivery('b2', 'done', { createdAt: NOW + 1 })] }), 1);
        await store(state, [record('a', { deliveries: [delivery('a1', 'done')] }), record('c', { deliveries: [delivery('c1', 'done')] })]);

        const { cursor = '' } = page;
        await expect.poll(() => listedIds(index, { cursor, limit: 10 })).toEqual(['b2', 'c1', 'd1']);
      });

      it('refuse a cursor that is none', async () => {
        await expect(index.deliveries({ limit: 1, cursor: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      });
    });
  });
}
