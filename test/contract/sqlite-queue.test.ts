import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqliteDatabase } from '../../lib/adapters/sqlite/database.ts';
import { SqliteQueue } from '../../lib/adapters/sqlite/queue.ts';
import { ManualClock } from './manual-clock.ts';
import { type Scratch, scratch } from './sqlite-support.ts';

const HOLD = { max: 10, visibilitySec: 30 };

describe('the SQLite queue beyond the port', () => {
  let place: Scratch;
  let database: SqliteDatabase;
  let clock: ManualClock;
  let queue: SqliteQueue;
  beforeEach(() => {
    place = scratch();
    database = place.open();
    clock = new ManualClock();
    queue = new SqliteQueue(database, { clock, maxReceiveCount: 1 });
  });
  afterEach(() => place.dispose());

  const expectAsleep = (count: number): Promise<void> => expect.poll(() => clock.sleeping).toBe(count);
  const bodies = (messages: readonly { readonly body: string }[]): readonly string[] => messages.map(({ body }) => body);

  /** Received once, and once more beyond the limit of one. */
  async function kill(body: string): Promise<void> {
    await queue.send([{ body }]);
    await queue.receive(HOLD);
    clock.advance(30_000);
    await queue.receive(HOLD);
  }

  describe('waiting', () => {
    it('ends as soon as a message is sent', async () => {
      const waiting = queue.receive({ ...HOLD, waitMs: 20_000 });
      await expectAsleep(1);

      await queue.send([{ body: 'm' }]);

      expect(bodies(await waiting)).toEqual(['m']);
      await expectAsleep(0);
    });

    it('ends when a delayed message falls due', async () => {
      await queue.send([{ body: 'm', delaySec: 5 }]);
      const waiting = queue.receive({ ...HOLD, waitMs: 20_000 });
      await expectAsleep(1);

      clock.advance(5_000);

      expect(bodies(await waiting)).toEqual(['m']);
    });

    it.each(['delay', 'redrive', 'release'])('ends on a %s that makes a message visible', async (what) => {
      const patient = new SqliteQueue(database, { clock });
      await patient.send([{ body: 'm' }]);
      const [held] = await patient.receive(HOLD);
      if (what === 'redrive') {
        await patient.park('m', 'why');
        await patient.acknowledge([held?.receipt ?? '']);
      }
      const waiting = patient.receive({ ...HOLD, waitMs: 20_000 });
      await expectAsleep(1);

      if (what === 'delay') await patient.delay(held?.receipt ?? '', 0);
      else if (what === 'redrive') await patient.redrive();
      else await patient.releaseInFlight();

      expect(bodies(await waiting)).toEqual(['m']);
    });

    it('ends with nothing when its time is over', async () => {
      const waiting = queue.receive({ ...HOLD, waitMs: 20_000 });
      await expectAsleep(1);

      clock.advance(20_000);

      expect(await waiting).toEqual([]);
    });

    it('ends with nothing when it is called off, before or meanwhile', async () => {
      const abort = new AbortController();
      const waiting = queue.receive({ ...HOLD, waitMs: 20_000, signal: abort.signal });
      await expectAsleep(1);

      abort.abort();

      expect(await waiting).toEqual([]);
      await queue.send([{ body: 'm' }]);
      expect(await queue.receive({ ...HOLD, signal: abort.signal })).toEqual([]);
      expect(bodies(await queue.receive(HOLD))).toEqual(['m']);
    });

    it('hands each message to one of many who wait', async () => {
      const waiting = [1, 2, 3].map(() => queue.receive({ max: 1, visibilitySec: 30, waitMs: 20_000 }));
      await expectAsleep(3);

      await queue.send([{ body: 'a' }, { body: 'b' }, { body: 'c' }]);

      expect((await Promise.all(waiting)).flatMap(bodies).toSorted()).toEqual(['a', 'b', 'c']);
    });
  });

  describe('the recorder of dead letters', () => {
    it('sees those that were received too often, whole, and not those that were parked', async () => {
      const sentAt = clock.now();
      await kill('poison\u0000');
      await queue.park('odd', 'why');

      const letters = await queue.receiveDead(HOLD);

      expect(letters).toMatchObject([{ body: 'poison\u0000', source: 'default', sentAt, receiveCount: 1 }]);
      expect(letters[0]?.reason).toContain('1 times');
      expect(await queue.receiveDead(HOLD)).toEqual([]);
    });

    it('does not see again what it parked and acknowledged, which can be moved back', async () => {
      await kill('poison');
      const [letter] = await queue.receiveDead(HOLD);

      await queue.park('poison', 'CRASHED');
      await queue.acknowledgeDead([letter?.receipt ?? '']);
      clock.advance(60_000);

      expect(await queue.receiveDead(HOLD)).toEqual([]);
      expect(await queue.stats()).toMatchObject({ dead: 1 });
      expect(await queue.redrive()).toBe(1);
      expect(bodies(await queue.receive(HOLD))).toEqual(['poison']);
    });

    it('sees again what it did not record in time, and its older receipt has no effect', async () => {
      await kill('poison');
      const [stale] = await queue.receiveDead(HOLD);
      clock.advance(30_000);
      expect(await queue.receiveDead(HOLD)).toHaveLength(1);

      await queue.acknowledgeDead([stale?.receipt ?? '']);
      clock.advance(30_000);

      expect(await queue.receiveDead(HOLD)).toHaveLength(1);
    });
  });

  it('lets no receipt of before a redrive settle the message that came back', async () => {
    await queue.send([{ body: 'm' }]);
    const [before] = await queue.receive(HOLD);
    clock.advance(30_000);
    await queue.receive(HOLD);
    await queue.redrive();
    await queue.receive(HOLD);

    await queue.acknowledge([before?.receipt ?? '', 'nonsense']);

    expect(await queue.stats()).toMatchObject({ waiting: 0, inFlight: 1, dead: 0 });
  });

  it('moves many dead letters back, page by page', async () => {
    await Promise.all(Array.from({ length: 250 }, (_, n) => queue.park(`m${n}`, 'why')));

    expect(await queue.redrive()).toBe(250);
    expect(await queue.stats()).toMatchObject({ waiting: 250, dead: 0 });
  });

  it('fills a receive past messages that it buries', async () => {
    await queue.send([{ body: 'poison 1' }, { body: 'poison 2' }]);
    await queue.receive(HOLD);
    clock.advance(30_001);
    await queue.send([{ body: 'a' }, { body: 'b' }]);

    expect(bodies(await queue.receive({ max: 2, visibilitySec: 30 }))).toEqual(['a', 'b']);
    expect(await queue.stats()).toMatchObject({ waiting: 0, inFlight: 2, dead: 2 });
  });

  it('makes what a dead process held visible at once, and leaves delayed messages alone', async () => {
    const patient = new SqliteQueue(database, { clock });
    await patient.send([{ body: 'held' }, { body: 'backed off' }]);
    const received = await patient.receive(HOLD);
    await patient.delay(received.find(({ body }) => body === 'backed off')?.receipt ?? '', 60);
    await patient.send([{ body: 'delayed', delaySec: 60 }]);

    const released = await patient.releaseInFlight();

    expect(released).toBe(1);
    expect(bodies(await patient.receive(HOLD))).toEqual(['held']);
  });

  it('keeps queues of different names apart', async () => {
    const other = new SqliteQueue(database, { clock, name: 'backfill' });
    await queue.send([{ body: 'live' }]);
    await other.send([{ body: 'bulk' }]);
    await other.park('bulk, parked', 'why');
    const [live] = await queue.receive(HOLD);

    await other.acknowledge([live?.receipt ?? '']);

    expect(await queue.stats()).toMatchObject({ waiting: 0, inFlight: 1, dead: 0 });
    expect(await other.stats()).toMatchObject({ waiting: 1, inFlight: 0, dead: 1 });
    expect(await queue.redrive()).toBe(0);
    expect(bodies(await other.receive(HOLD))).toEqual(['bulk']);
  });

  it('takes more than ten at once where the host asks for it', async () => {
    const wide = new SqliteQueue(database, { clock, maxBatch: 50 });
    await wide.send(Array.from({ length: 40 }, (_, n) => ({ body: `m${n}` })));

    expect(await wide.receive({ max: 50, visibilitySec: 30 })).toHaveLength(40);
    await expect(queue.receive({ max: 11, visibilitySec: 30 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('knows the first sending of a message that came back', async () => {
    const sentAt = clock.now();
    await kill('m');
    await queue.redrive();

    expect(await queue.stats()).toMatchObject({ oldestAt: sentAt });
  });

  it('is as old as what it gave up and nobody has recorded yet', async () => {
    const sentAt = clock.now();
    await kill('m');
    clock.advance(60_000);
    expect(await queue.stats()).toMatchObject({ waiting: 0, dead: 1, oldestAt: sentAt });

    const letters = await queue.receiveDead({ max: 1, visibilitySec: 30 });
    await queue.park('m', 'recorded');
    await queue.acknowledgeDead(letters.map(({ receipt }) => receipt));

    expect(await queue.stats()).toEqual({ waiting: 0, delayed: 0, inFlight: 0, dead: 1 });
  });
});
