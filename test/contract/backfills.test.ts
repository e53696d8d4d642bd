import { afterAll, beforeAll, describe } from 'vitest';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import { SqliteBackfills } from '../../lib/adapters/sqlite/backfills.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { type DynamoServer, dynamoAvailable, startDynamoServer } from '../fixtures/dynamodb-server.ts';
import { backfillsContract } from './backfills.ts';
import { scratch } from './sqlite-support.ts';

backfillsContract('sqlite', async () => {
  const place = scratch();
  return { backfills: new SqliteBackfills(place.open()), dispose: place.dispose };
});

describe.skipIf(!dynamoAvailable())('dynamodb', () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoServer();
  });
  afterAll(() => server.stop());

  backfillsContract('dynamodb', async () => {
    const { backfills } = new DynamoState({ client: server.client, tableName: await server.createTable(), clock: new SystemClock() });
    return { backfills, dispose: () => undefined };
  });
});
