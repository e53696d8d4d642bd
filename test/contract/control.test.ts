import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoControl } from '../../lib/adapters/dynamodb/control.ts';
import { SqliteControl } from '../../lib/adapters/sqlite/control.ts';
import { openDatabase } from '../../lib/adapters/sqlite/database.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { type DynamoServer, dynamoAvailable, startDynamoServer } from '../fixtures/dynamodb-server.ts';
import { controlContract } from './control.ts';
import { scratch } from './sqlite-support.ts';

controlContract('sqlite', async () => {
  const place = scratch();
  const database = place.open();
  return { control: new SqliteControl(database), others: new SqliteControl(database), dispose: place.dispose };
});

controlContract('sqlite, a file that two processes share', async () => {
  const place = scratch();
  const [mine, theirs] = [openDatabase(place.path, { shared: true }), openDatabase(place.path, { shared: true })];
  const dispose = (): void => {
    mine.close();
    theirs.close();
    place.dispose();
  };
  return { control: new SqliteControl(mine), others: new SqliteControl(theirs), dispose };
});

describe.skipIf(!dynamoAvailable())('dynamodb', () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoServer();
  });
  afterAll(() => server.stop());

  controlContract('dynamodb', async () => {
    const options = { client: server.client, tableName: await server.createTable(), clock: new SystemClock() };
    return { control: new DynamoControl(options), others: new DynamoControl(options), dispose: () => undefined };
  });

  it('takes a swap for its own when the answer was lost and the client sent it again', async () => {
    const options = { client: server.client, tableName: await server.createTable(), clock: new SystemClock() };
    const control = new DynamoControl(options);
    const state = { observer: 'o', version: 1, sits: null, epoch: 1, rounds: 1, at: 1, regions: {} };
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

    const isMine = await control.putObserver(state, 0);
    server.client.middlewareStack.remove('lose-an-answer');

    expect(lose).toBe(false);
    expect(isMine).toBe(true);
    expect(await control.putObserver(state, 0)).toBe(false);
  });
});
