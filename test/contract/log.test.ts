import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import { SqliteCheckpoints } from '../../lib/adapters/sqlite/checkpoints.ts';
import { openDatabase } from '../../lib/adapters/sqlite/database.ts';
import { SqliteLogStore } from '../../lib/adapters/sqlite/log-store.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { SystemIds } from '../../lib/adapters/system/ids.ts';
import { DEDUPE_EVENTS } from '../../lib/core/log/rules.ts';
import { MAX_SEQUENCE } from '../../lib/ports/log-store.ts';
import { Appender } from '../../lib/usecases/log/appender.ts';
import { type DynamoServer, dynamoAvailable, startDynamoServer } from '../fixtures/dynamodb-server.ts';
import { aWritten } from '../fixtures/log-events.ts';
import { countWrites, type Writes } from './dynamodb-writes.ts';
import { logStoreContract } from './log-store.ts';
import { scratch } from './sqlite-support.ts';

logStoreContract('sqlite, a file that two processes share', async () => {
  const place = scratch();
  const [mine, theirs] = [openDatabase(place.path, { shared: true }), openDatabase(place.path, { shared: true })];
  return {
    log: new SqliteLogStore(mine),
    other: new SqliteLogStore(theirs),
    checkpoints: new SqliteCheckpoints(mine),
    otherCheckpoints: new SqliteCheckpoints(theirs),
    dispose: () => {
      mine.close();
      theirs.close();
      place.dispose();
    },
  };
});

it('sqlite shows a chunk to the readers of its process no earlier than it is on the disk', async () => {
  const place = scratch();
  const log = new SqliteLogStore(place.open());
  for (let first = 1; first <= 5; first++) {
    const chunk = { stream: 's', first, count: 1, at: 1, batch: 'b', events: '[{}]' };
    let isOnDisk = false;
    const put = log.put(chunk).then(() => {
      isOnDisk = true;
    });
    while (!isOnDisk) {
      expect(await log.read('s', first, 10)).toEqual([]);
      expect((await log.at('s', MAX_SEQUENCE))?.first ?? 0).toBe(first - 1);
      await new Promise(setImmediate);
    }
    await put;
    expect(await log.read('s', first, 10)).toEqual([chunk]);
  }
  place.dispose();
});

describe.skipIf(!dynamoAvailable())('dynamodb', () => {
  let server: DynamoServer;
  let writes: () => Writes;
  let tableName: string;
  const reached = (): DynamoState => new DynamoState({ client: server.client, tableName, clock: new SystemClock() });
  beforeAll(async () => {
    server = await startDynamoServer();
    writes = countWrites(server.client);
  });
  beforeEach(async () => {
    tableName = await server.createTable();
  });
  afterAll(() => server.stop());

  logStoreContract('dynamodb', async () => {
    const [mine, theirs] = [reached(), reached()];
    return { log: mine.log, other: theirs.log, checkpoints: mine.checkpoints, otherCheckpoints: theirs.checkpoints, dispose: () => undefined };
  });

  it('costs what is written, deflated, and nothing for what is there', async () => {
    const appender = new Appender({ store: reached().log, clock: new SystemClock(), ids: new SystemIds(), window: DEDUPE_EVENTS });
    const order = (n: number) =>
      aWritten({
        id: `0193ab54-7c1e-7d3a-9f7b-${String(n * 7919).padStart(12, '0')}`,
        documentId: String(n),
        after: { total: n * 31, city: 'Oslo', lines: [n, n + 1] },
      });
    await appender.append('s', [order(0)]);
    writes();

    await appender.append('s', [order(1)]);
    expect(writes()).toEqual({ requests: 1, table: 1, indexes: 0 });

    const hundred = Array.from({ length: 100 }, (_, n) => order(n + 1));
    await appender.append('s', hundred);
    const { requests, table } = writes();
    expect(requests).toBe(1);
    expect(table).toBeLessThanOrEqual(5);
    console.log(`100 events of ${Math.round(hundred.reduce((sum, { bytes }) => sum + bytes, 0) / 100)} bytes: ${table} write units`);

    await appender.append('s', hundred);
    expect(writes()).toEqual({ requests: 0, table: 0, indexes: 0 });
  });

  it('finds what it has put itself when the answer was lost and the client sent it again', async () => {
    const appender = new Appender({ store: reached().log, clock: new SystemClock(), ids: new SystemIds(), window: DEDUPE_EVENTS });
    await appender.append('s', [aWritten({ id: 'first' })]);
    let lose = true;
    server.client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        if (!lose) return answer;
        lose = false;
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', $retryable: {} });
      },
      { step: 'deserialize', name: 'lose-an-answer', priority: 'high', override: true },
    );

    const placed = await appender.append('s', [aWritten({ id: 'second' })]);
    server.client.middlewareStack.remove('lose-an-answer');

    expect(lose).toBe(false);
    expect(placed).toEqual([{ id: 'second', sequence: 2 }]);
    expect((await reached().log.read('s', 1, 10)).map(({ first, count }) => [first, count])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });
});
