import { afterAll, beforeAll, describe } from 'vitest';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { type DynamoServer, dynamoAvailable, startDynamoServer } from '../fixtures/dynamodb-server.ts';
import { replicationStateContract } from './replication-state.ts';

describe.skipIf(!dynamoAvailable())('dynamodb', () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoServer();
  });
  afterAll(() => server.stop());

  replicationStateContract('dynamodb', async () => {
    const tableName = await server.createTable();
    const { state, index, pages, deletes } = new DynamoState({ client: server.client, tableName, clock: new SystemClock() });
    return { state, index, pages, deletes, dispose: () => undefined };
  });
});
