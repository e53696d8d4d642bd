import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe } from 'vitest';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import { PARTITION, SORT, TTL } from '../../lib/adapters/dynamodb/schema.ts';
import { SqliteBackfills } from '../../lib/adapters/sqlite/backfills.ts';
import { SqliteReplicationState } from '../../lib/adapters/sqlite/replication-state.ts';
import { SqliteUpkeep } from '../../lib/adapters/sqlite/upkeep.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { type DynamoServer, dynamoAvailable, startDynamoServer } from '../fixtures/dynamodb-server.ts';
import { backfillsContract } from './backfills.ts';
import { scratch } from './sqlite-support.ts';

backfillsContract('sqlite', async () => {
  const place = scratch();
  const database = place.open();
  const upkeep = new SqliteUpkeep(database, new SqliteReplicationState(database));
  return { backfills: new SqliteBackfills(database), purge: (now) => upkeep.purgeJobs(now), dispose: place.dispose };
});

describe.skipIf(!dynamoAvailable())('dynamodb', () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoServer();
  });
  afterAll(() => server.stop());

  backfillsContract('dynamodb', async () => {
    const tableName = await server.createTable();
    const { backfills } = new DynamoState({ client: server.client, tableName, clock: new SystemClock() });
    return { backfills, purge: (now) => expireItems(server, tableName, now), dispose: () => undefined };
  });
});

/** As DynamoDB does in its own time; the server here never does. */
async function expireItems({ client }: DynamoServer, TableName: string, now: number): Promise<void> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
  const over = Items.filter(({ [TTL]: ttl }) => ttl !== undefined && Number(ttl) * 1000 <= now);
  for (const { [PARTITION]: pk, [SORT]: sk } of over) await client.send(new DeleteCommand({ TableName, Key: { [PARTITION]: pk, [SORT]: sk } }));
}
