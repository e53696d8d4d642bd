import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type SqliteDatabase } from '../../../lib/adapters/sqlite/database.ts';
import { SqliteLogStore } from '../../../lib/adapters/sqlite/log-store.ts';
import { SystemIds } from '../../../lib/adapters/system/ids.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import { type Chunk, eventsIn } from '../../../lib/core/log/chunk.ts';
import { DEDUPE_EVENTS } from '../../../lib/core/log/rules.ts';
import type { LogStore } from '../../../lib/ports/log-store.ts';
import { Appender } from '../../../lib/usecases/log/appender.ts';
import { Emitter, type EmitterOptions, MAX_WAITING_EVENTS } from '../../../lib/usecases/log/emitter.ts';
import { ManualClock } from '../../contract/manual-clock.ts';
import { aTold, aWritten } from '../../fixtures/log-events.ts';

/** A store that answers when a test lets it, and fails when a test says so. */
class Gated implements LogStore {
  readonly inner: LogStore;
  open = Promise.withResolvers<void>();
  failure: TidemarkError | null = null;
  readonly puts: Chunk[] = [];

  constructor(inner: LogStore) {
    this.inner = inner;
    this.open.resolve();
  }

  shut(): void {
    this.open = Promise.withResolvers();
  }

  async put(chunk: Chunk): Promise<boolean> {
    this.puts.push(chunk);
    await this.open.promise;
    if (this.failure) throw this.failure;
    return this.inner.put(chunk);
  }

  read(stream: string, from: number, limit: number): Promise<readonly Chunk[]> {
    return this.inner.read(stream, from, limit);
  }

  at(stream: string, sequence: number): Promise<Chunk | null> {
    return this.inner.at(stream, sequence);
  }

  streams(after: string, limit: number): Promise<readonly string[]> {
    return this.inner.streams(after, limit);
  }
}

let database: SqliteDatabase;
let store: Gated;
let clock: ManualClock;
let appender: Appender;
beforeEach(() => {
  database = openDatabase(':memory:');
  store = new Gated(new SqliteLogStore(database));
  clock = new ManualClock();
  appender = new Appender({ store, clock, ids: new SystemIds(), window: DEDUPE_EVENTS });
});
afterEach(() => database.close());

const emitterOf = (options: Partial<EmitterOptions> = {}): Emitter =>
  new Emitter({ appender, clock, ids: new SystemIds() }, { stream: 's', durability: 'buffered', batchSize: 3, batchTimeout: 1_000, ...options });
const idsStored = async (): Promise<readonly string[]> =>
  (await store.inner.read('s', 1, 1_000)).flatMap((chunk) => eventsIn(chunk)).map(({ id }) => id);
const names = (from: number, to: number): readonly string[] => Array.from({ length: to - from + 1 }, (_, n) => `e${from + n}`);
const DOWN = new TidemarkError('UNAVAILABLE', 'down', {});

/** Until the store has failed an append for as long as that is tried. */
async function passTime(until: () => boolean): Promise<void> {
  while (!until()) {
    await new Promise(setImmediate);
    if (clock.sleeping > 0) clock.advance(1_000);
  }
}

describe('what is emitted', () => {
  it('is sent when there are so many, or when the first has waited so long', async () => {
    const emitter = emitterOf();
    for (const id of names(1, 4)) await emitter.emit(aTold({ id }));
    await expect.poll(idsStored).toEqual(names(1, 3));
    await expect.poll(() => clock.sleeping).toBe(1);

    clock.advance(999);
    expect(clock.sleeping).toBe(1);
    clock.advance(1);

    await expect.poll(idsStored).toEqual(names(1, 4));
    expect(store.puts.map(({ count }) => count)).toEqual([3, 1]);
  });

  it('is told its place when it is stored, and waits for nothing where nothing is on its way', async () => {
    const emitter = emitterOf({ durability: 'stored', batchSize: 100, batchTimeout: 0 });

    expect(await emitter.emit(aTold({ id: 'e1' }))).toEqual({ id: 'e1', sequence: 1 });
    expect(await Promise.all(names(1, 9).map((id) => emitter.emit(aTold({ id }))))).toEqual(names(1, 9).map((id, n) => ({ id, sequence: n + 1 })));
    expect(store.puts.map(({ count }) => count)).toEqual([1, 8]);
  });

  it('is left out by its collection or its operation', async () => {
    const emitter = emitterOf({ durability: 'stored', batchTimeout: 0, collections: ['orders'], operations: ['DELETE'] });
    await emitter.emit(aTold({ id: 'e1' }));
    await emitter.emit(aTold({ id: 'e2', operation: 'DELETE', collection: 'users' }));
    await emitter.emit(aTold({ id: 'e3', operation: 'DELETE' }));

    expect(await idsStored()).toEqual(['e3']);
  });

  it('is sent at once by a flush', async () => {
    const emitter = emitterOf();
    await emitter.emit(aTold({ id: 'e1' }));
    await emitter.flush();

    expect(await idsStored()).toEqual(['e1']);
    await emitter.flush();
  });

  it('waits where too much is in memory', async () => {
    const emitter = emitterOf({ batchSize: 500 });
    store.shut();
    for (const id of names(1, MAX_WAITING_EVENTS - 1)) await emitter.emit(aTold({ id }));
    let isIn = false;
    const last = emitter.emit(aTold({ id: 'last' })).then(() => {
      isIn = true;
    });
    await expect.poll(() => store.puts.length).toBe(1);
    expect(isIn).toBe(false);

    store.open.resolve();
    await last;
    await emitter.close();
    expect((await idsStored()).length).toBe(MAX_WAITING_EVENTS);
  });

  it('is all stored when it is closed, and nothing is taken after', async () => {
    const emitter = emitterOf({ batchSize: 500 });
    for (const id of names(1, 1_200)) void emitter.emit(aTold({ id }));
    await emitter.close();

    expect(await idsStored()).toEqual(names(1, 1_200));
    await expect(emitter.emit(aTold())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('stays in memory, in its order, while the store is down, and a flush says so', async () => {
    const emitter = emitterOf();
    store.failure = DOWN;
    let flushed: unknown = null;
    for (const id of names(1, 8)) await emitter.emit(aTold({ id }));
    void emitter.flush().catch((error: unknown) => {
      flushed = error;
    });
    await passTime(() => flushed !== null);
    expect(flushed).toMatchObject({ code: 'UNAVAILABLE' });

    store.failure = null;
    await passTime(() => store.puts.at(-1)?.events.includes('"e8"') === true);
    await emitter.flush();
    expect(await idsStored()).toEqual(names(1, 8));
  });

  it('is told of when it could not be stored at the end, and closing again tries again', async () => {
    const emitter = emitterOf();
    store.failure = DOWN;
    for (const id of names(1, 5)) await emitter.emit(aTold({ id }));
    let failed: unknown = null;
    void emitter.close().catch((error: unknown) => {
      failed = error;
    });
    await passTime(() => failed !== null);
    expect(failed).toMatchObject({ code: 'UNAVAILABLE', fields: { left: 5 } });

    store.failure = null;
    let isClosed = false;
    void emitter.close().then(() => {
      isClosed = true;
    });
    await passTime(() => isClosed);
    expect(await idsStored()).toEqual(names(1, 5));
  });

  it('fails as it was sent: what is behind a failure is not stored before it', async () => {
    const emitter = emitterOf({ durability: 'stored', batchTimeout: 0 });
    store.failure = DOWN;
    const told: string[] = [];
    const all = names(1, 9).map((id) =>
      emitter.emit(aTold({ id })).then(
        () => told.push(`${id} stored`),
        (error: TidemarkError) => told.push(`${id} ${error.code}`),
      ),
    );
    await passTime(() => told.length > 0);
    store.failure = null;
    await Promise.all(all);

    expect(told).toEqual(names(1, 9).map((id) => `${id} UNAVAILABLE`));
    expect(await idsStored()).toEqual([]);
  });
});

describe('an append', () => {
  it('that is larger than a chunk takes several, in order, and is found again when it is sent again', async () => {
    const events = names(1, 3).map((id) => aWritten({ id, after: 'x'.repeat(340 * 1024) }));
    const placed = await appender.append('s', events);

    expect(placed.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(store.puts.map(({ first, count }) => [first, count])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    const another = new Appender({ store, clock, ids: new SystemIds(), window: DEDUPE_EVENTS });
    expect(await another.append('s', [...events, aWritten({ id: 'e4' })])).toEqual([...placed, { id: 'e4', sequence: 4 }]);
    expect(store.puts).toHaveLength(4);
  });

  it('of one id twice stores it once', async () => {
    expect(await appender.append('s', [aWritten({ id: 'a' }), aWritten({ id: 'b' }), aWritten({ id: 'a' })])).toEqual([
      { id: 'a', sequence: 1 },
      { id: 'b', sequence: 2 },
      { id: 'a', sequence: 1 },
    ]);
  });

  it('is refused whole before anything is done', async () => {
    await expect(appender.append('', [aWritten()])).rejects.toMatchObject({ code: 'INVALID_INPUT', fields: { field: 'stream' } });
    await expect(appender.append('s', [])).rejects.toMatchObject({ code: 'INVALID_INPUT', fields: { field: 'events' } });
    expect(store.puts).toEqual([]);
  });

  it('that cannot help is not tried again, and says what may be there', async () => {
    store.failure = new TidemarkError('INVALID_CONFIG', 'no such table');
    await expect(appender.append('s', [aWritten()])).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      outcomeUnknown: false,
      fields: { stream: 's' },
    });
    store.failure = new TidemarkError('UNAVAILABLE', 'no answer', { outcomeUnknown: true });
    let failed: unknown = null;
    void appender.append('s', [aWritten()]).catch((error: unknown) => {
      failed = error;
    });
    await passTime(() => failed !== null);

    expect(failed).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true });
    expect(new Set(store.puts.slice(1).map((chunk) => JSON.stringify(chunk))).size).toBe(1);
  });
});
