import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteDeleteLog } from '../../lib/adapters/sqlite/delete-log.ts';
import { SqliteQueue } from '../../lib/adapters/sqlite/queue.ts';
import { SqliteRecordPages } from '../../lib/adapters/sqlite/record-pages.ts';
import { SqliteReplicationState } from '../../lib/adapters/sqlite/replication-state.ts';
import { SqliteUpkeep } from '../../lib/adapters/sqlite/upkeep.ts';
import { SqliteWorkIndex } from '../../lib/adapters/sqlite/work-index.ts';
import { SWEEP_GRACE_MS } from '../../lib/core/objects/record.ts';
import { ManualClock } from './manual-clock.ts';
import { queueContract } from './queue.ts';
import { replicationStateContract } from './replication-state.ts';
import { APPLIED, delivery, LEASE, listedIds, NOW, next, ROUTE, record, store, TOMBSTONE } from './replication-state-support.ts';
import { type Scratch, scratch } from './sqlite-support.ts';

replicationStateContract('sqlite', async () => {
  const place = scratch();
  const database = place.open();
  return {
    state: new SqliteReplicationState(database),
    index: new SqliteWorkIndex(database),
    pages: new SqliteRecordPages(database),
    deletes: new SqliteDeleteLog(database),
    dispose: place.dispose,
  };
});

queueContract(
  'sqlite',
  async ({ maxReceiveCount }) => {
    const place = scratch();
    const database = place.open();
    const clock = new ManualClock();
    const queue = new SqliteQueue(database, { clock, maxReceiveCount });
    const dead = database.prepare('SELECT body, reason FROM dead_letters');
    return {
      queue,
      admin: queue,
      consumer: queue,
      now: () => clock.now(),
      advance: async (ms) => clock.advance(ms),
      dead: async () => dead.all().map(({ body, reason }) => ({ body: String(body), reason: String(reason) })),
      dispose: place.dispose,
    };
  },
  { strictReceipts: true },
);

describe('sqlite beyond the port', () => {
  let place: Scratch;
  let state: SqliteReplicationState;
  let index: SqliteWorkIndex;
  let upkeep: SqliteUpkeep;
  beforeEach(() => {
    place = scratch();
    const database = place.open();
    state = new SqliteReplicationState(database);
    index = new SqliteWorkIndex(database);
    upkeep = new SqliteUpkeep(database, state);
  });
  afterEach(() => place.dispose());

  it('refuses a record whose version does not follow the expected one', async () => {
    await expect(state.put(record('k', { version: 3 }), 1)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('refuses more than 100 keys at once', async () => {
    const keys = Array.from({ length: 101 }, (_, n) => `k${n}`);

    await expect(state.getMany(ROUTE, keys)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('bounds the records that one page of a listing looks at, and loses none', async () => {
    const key = (n: number): string => `k${String(n).padStart(5, '0')}`;
    await store(
      state,
      Array.from({ length: 5_100 }, (_, n) => record(key(n), { deliveries: [delivery(key(n), n === 5_050 ? 'superseded' : 'done')] })),
    );

    const first = await index.deliveries({ status: 'superseded', limit: 10 });

    expect(first.events).toEqual([]);
    expect(first.cursor).toBeDefined();
    expect(await listedIds(index, { status: 'superseded', limit: 10 })).toEqual([key(5_050)]);
    expect(await listedIds(index, { offset: 5_098, limit: 10 })).toEqual([key(5_098), key(5_099)]);
  });

  describe('releasing leases at the start', () => {
    it('ends every lease that still runs and fences its holder', async () => {
      const held = record('held', { lease: { ...LEASE, until: NOW + 60_000 }, upload: { id: 'u', etag: 'e', properties: 'p' } });
      const lapsed = record('lapsed', { lease: { ...LEASE, until: NOW - 1 } });
      await store(state, [held, lapsed, record('free')]);

      const released = await upkeep.releaseLeases(NOW);

      expect(released).toBe(1);
      expect(await state.get(ROUTE, 'held')).toEqual(next(held, { lease: { ...held.lease, ...LEASE, until: NOW } }));
      expect(await state.get(ROUTE, 'lapsed')).toEqual(lapsed);
      expect(await state.put(next(held, { lease: null }), held.version)).toBe(false);
      expect(await index.due([ROUTE], NOW + SWEEP_GRACE_MS, 10)).toHaveLength(2);
    });

    it('goes through more than one page', async () => {
      await store(
        state,
        Array.from({ length: 1_001 }, (_, n) => record(`k${n}`, { lease: LEASE })),
      );

      expect(await upkeep.releaseLeases(NOW)).toBe(1_001);
      expect(await upkeep.releaseLeases(NOW)).toBe(0);
    });
  });

  describe('purging tombstones', () => {
    const expired = { applied: TOMBSTONE, expiresAt: NOW - 1 };

    it('drops the expired ones and nothing else', async () => {
      await store(state, [
        record('expired', { ...expired, deliveries: [delivery('d', 'done')] }),
        record('at the moment', { applied: TOMBSTONE, expiresAt: NOW }),
        record('not yet', { applied: TOMBSTONE, expiresAt: NOW + 1 }),
        record('object', { applied: APPLIED }),
        record('open', { ...expired, deliveries: [delivery('o', 'pending')] }),
        record('failed', { ...expired, deliveries: [delivery('f', 'error')] }),
        record('claimed', { ...expired, lease: LEASE }),
      ]);

      const dropped = await upkeep.purgeExpired(NOW, 100);

      expect(dropped).toBe(2);
      const keys = ['expired', 'at the moment', 'not yet', 'object', 'open', 'failed', 'claimed'];
      expect([...(await state.getMany(ROUTE, keys)).keys()]).toEqual(keys.slice(2));
      expect((await index.stats()).counts.done).toBe(1);
    });

    it('keeps to its limit, the longest expired first', async () => {
      await store(state, [record('b', { ...expired, expiresAt: NOW - 5 }), record('a', expired)]);

      expect(await upkeep.purgeExpired(NOW, 1)).toBe(1);
      expect(await state.get(ROUTE, 'b')).toBeNull();
      expect(await upkeep.purgeExpired(NOW, 1)).toBe(1);
      expect(await upkeep.purgeExpired(NOW, 1)).toBe(0);
    });

    it('lets a purged key begin anew', async () => {
      await store(state, [record('k', expired)]);
      await upkeep.purgeExpired(NOW, 1);

      expect(await state.put(record('k', { applied: APPLIED }), 0)).toBe(true);
    });
  });
});
