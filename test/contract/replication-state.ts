/** The contract of ReplicationState and DeleteLog; that of WorkIndex stands in work-index.ts and delivery-pages.ts, and runs with it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReplicationRecord } from '../../lib/core/objects/record.ts';
import type { DeleteLog, ReplicationState } from '../../lib/ports/replication-state.ts';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';
import { deliveryPagesContract } from './delivery-pages.ts';
import { recordPagesContract } from './record-pages.ts';
import { APPLIED, delivery, LEASE, NOW, next, ROUTE, record, type StateUnderTest, store, TOMBSTONE } from './replication-state-support.ts';
import { workIndexContract } from './work-index.ts';

export type { StateUnderTest } from './replication-state-support.ts';

/**
 * Declares the suites for one kind of store.
 * @param factory called before each test: an empty store
 */
export function replicationStateContract(name: string, factory: () => Promise<StateUnderTest>): void {
  describe(`replication state: ${name}`, () => {
    let subject: StateUnderTest;
    let state: ReplicationState;
    let deletes: DeleteLog;
    beforeEach(async () => {
      subject = await factory();
      ({ state, deletes } = subject);
    });
    afterEach(() => subject.dispose());

    describe('compare and swap', () => {
      it('keeps every field of a record', async () => {
        const full = record('a/b c.txt', {
          applied: APPLIED,
          lease: LEASE,
          upload: { id: 'upload-1', etag: 'a1b2', properties: 'p' },
          deliveries: [delivery('d1', 'error', { lastError: 'ACCESS_DENIED: …', dueAt: NOW, size: 0, sequencer: '0A', versionId: 'v', etag: 'e' })],
          expiresAt: NOW,
        });

        const written = await state.put(full, 0);

        expect(written).toBe(true);
        expect(await state.get(ROUTE, 'a/b c.txt')).toEqual(full);
      });

      it('keeps every field of a pair', async () => {
        const side = {
          etag: 'e',
          size: 1,
          print: 'p',
          tags: 't',
          versionId: 'v',
          lastModified: NOW - 5,
          contentType: 'text/plain',
          unsure: true,
        } as const;
        const pair = { kind: 'pair', from: side, to: { etag: 'f', size: 1, print: 'p', unproven: true }, at: NOW } as const;
        await state.put(record('k', { applied: pair }), 0);

        expect((await state.get(ROUTE, 'k'))?.applied).toEqual(pair);
      });

      it('knows nothing of a key that was never written', async () => {
        expect(await state.get(ROUTE, 'nothing')).toBeNull();
      });

      it('does not create what is there', async () => {
        const first = record('k', { applied: APPLIED });
        await state.put(first, 0);

        const second = await state.put(record('k', { applied: TOMBSTONE }), 0);

        expect(second).toBe(false);
        expect(await state.get(ROUTE, 'k')).toEqual(first);
      });

      it('replaces the expected version and no other', async () => {
        const first = record('k');
        await state.put(first, 0);
        const second = next(first, { applied: APPLIED });

        expect(await state.put(second, 1)).toBe(true);
        expect(await state.put(next(first, { applied: TOMBSTONE }), 1)).toBe(false);
        expect(await state.put(next(next(second)), 3)).toBe(false);
        expect(await state.get(ROUTE, 'k')).toEqual(second);
      });

      it('replaces nothing where nothing is', async () => {
        expect(await state.put(next(record('k')), 1)).toBe(false);
        expect(await state.get(ROUTE, 'k')).toBeNull();
      });

      it('forgets fields that the new version lacks', async () => {
        const first = record('k', { applied: TOMBSTONE, expiresAt: NOW, upload: { id: 'u', etag: 'e', properties: 'p' } });
        await state.put(first, 0);
        const { expiresAt: _expiresAt, upload: _upload, ...rest } = next(first, { applied: APPLIED });

        await state.put(rest, 1);

        expect(await state.get(ROUTE, 'k')).toEqual(rest);
      });

      it.each([0, 1])('lets exactly one of many racing writers win from version %i', async (expected) => {
        if (expected === 1) await state.put(record('k'), 0);
        const contenders = Array.from({ length: 10 }, (_, n) => record('k', { version: expected + 1, lease: { ...LEASE, owner: `worker-${n}` } }));

        const outcomes = await Promise.all(contenders.map((one) => state.put(one, expected)));

        expect(outcomes.filter(Boolean)).toHaveLength(1);
        expect(await state.get(ROUTE, 'k')).toEqual(contenders[outcomes.indexOf(true)]);
      });

      it('shows a write to every read that begins after it', async () => {
        let current: ReplicationRecord = record('k');
        await state.put(current, 0);
        for (let round = 0; round < 20; round++) {
          current = next(current);
          await state.put(current, current.version - 1);
          expect((await state.get(ROUTE, 'k'))?.version).toBe(current.version);
        }
      });
    });

    describe('keys', () => {
      it('keeps awkward keys apart', async () => {
        const keys = [...new Set([...AWKWARD_KEYS.map(({ key }) => key), 'nul', 'nul\u0000', 'nul\u0000tail', '__proto__', 'constructor', 'k', 'K'])];
        await store(
          state,
          keys.map((key, n) => record(key, { updatedAt: n })),
        );

        const found = await Promise.all(keys.map((key) => state.get(ROUTE, key)));

        expect(found.map((one) => one?.key)).toEqual(keys);
        expect(found.map((one) => one?.updatedAt)).toEqual(keys.map((_, n) => n));
      });

      it('keeps routes apart', async () => {
        await store(state, [record('k', { applied: APPLIED }), { ...record('k'), route: 'us-to-eu' }]);

        expect((await state.get(ROUTE, 'k'))?.applied).toEqual(APPLIED);
        expect((await state.get('us-to-eu', 'k'))?.applied).toBeNull();
      });

      it('finds many at once and leaves out what is absent', async () => {
        const keys = Array.from({ length: 100 }, (_, n) => `k${n}`);
        await store(
          state,
          keys.slice(0, 60).map((key) => record(key)),
        );

        const found = await state.getMany(ROUTE, keys);

        expect([...found.keys()].sort()).toEqual(keys.slice(0, 60).sort());
        expect(found.get('k59')).toEqual(record('k59'));
        expect((await state.getMany(ROUTE, [])).size).toBe(0);
      });
    });

    describe('delete log', () => {
      const MINUTE = 60_000;

      it('adds up the deletes of a window, route by route', async () => {
        await deletes.add(ROUTE, NOW, 3);
        await deletes.add(ROUTE, NOW + 1_000, 4);
        await deletes.add(ROUTE, NOW - 5 * MINUTE, 10);
        await deletes.add(ROUTE, NOW - 60 * MINUTE, 1_000);
        await deletes.add('us-to-eu', NOW, 50);

        expect(await deletes.read(ROUTE, NOW - 10 * MINUTE)).toEqual({ deletes: 17, pausedAt: null, acceptedUntil: null });
        expect(await deletes.read('us-to-eu', NOW - 10 * MINUTE)).toEqual({ deletes: 50, pausedAt: null, acceptedUntil: null });
        expect(await deletes.read('unknown', NOW - 10 * MINUTE)).toEqual({ deletes: 0, pausedAt: null, acceptedUntil: null });
      });

      it('loses none of many that are added at once', async () => {
        await Promise.all(Array.from({ length: 50 }, () => deletes.add(ROUTE, NOW, 2)));

        expect((await deletes.read(ROUTE, NOW - MINUTE)).deletes).toBe(100);
      });

      it('remembers since when deletes are paused, until they are resumed', async () => {
        await deletes.pause(ROUTE, NOW);
        await deletes.pause(ROUTE, NOW + MINUTE);

        expect((await deletes.read(ROUTE, NOW)).pausedAt).toBe(NOW);
        expect((await deletes.read('us-to-eu', NOW)).pausedAt).toBeNull();
        await deletes.resume(ROUTE, NOW);
        expect((await deletes.read(ROUTE, NOW)).pausedAt).toBeNull();
      });

      it('remembers until when any number may run, as said last, and goes on counting what ran', async () => {
        await deletes.add(ROUTE, NOW, 2_000);
        await deletes.pause(ROUTE, NOW);

        await deletes.resume(ROUTE, NOW + 10 * MINUTE);
        await deletes.add(ROUTE, NOW + 1, 9_000);

        expect(await deletes.read(ROUTE, NOW - 10 * MINUTE)).toEqual({ deletes: 11_000, pausedAt: null, acceptedUntil: NOW + 10 * MINUTE });
        await deletes.resume(ROUTE, NOW + 15 * MINUTE);
        await deletes.pause(ROUTE, NOW + 2 * MINUTE);
        expect(await deletes.read(ROUTE, NOW + 5 * MINUTE)).toEqual({ deletes: 0, pausedAt: NOW + 2 * MINUTE, acceptedUntil: NOW + 15 * MINUTE });
        expect((await deletes.read('us-to-eu', NOW)).acceptedUntil).toBeNull();
      });
    });
  });

  workIndexContract(name, factory);
  recordPagesContract(name, factory);
  deliveryPagesContract(name, factory);
}
