/** The same suite on the AWS emulator's DynamoDB, which the deployed tests run on. */
import { afterAll, beforeAll, describe } from 'vitest';
import { DynamoControl } from '../../lib/adapters/dynamodb/control.ts';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { dynamoClient } from '../fixtures/dynamodb-server.ts';
import { type Emulator, emulatorAvailable, startEmulator } from '../fixtures/emulator.ts';
import { controlContract } from './control.ts';
import { logStoreContract } from './log-store.ts';
import { replicationStateContract } from './replication-state.ts';

describe.skipIf(!emulatorAvailable())('dynamodb of the emulator', () => {
  let emulator: Emulator;
  let dynamo: ReturnType<typeof dynamoClient>;
  beforeAll(async () => {
    emulator = await startEmulator();
    dynamo = dynamoClient(emulator.client);
  });
  afterAll(async () => {
    dynamo.destroy();
    await emulator.stop();
  });

  replicationStateContract('dynamodb of the emulator', async () => {
    const { state, index, pages, deletes } = new DynamoState({
      client: dynamo.client,
      tableName: await dynamo.createTable(),
      clock: new SystemClock(),
    });
    return { state, index, pages, deletes, dispose: () => undefined };
  });

  controlContract('dynamodb of the emulator', async () => {
    const options = { client: dynamo.client, tableName: await dynamo.createTable(), clock: new SystemClock() };
    return { control: new DynamoControl(options), others: new DynamoControl(options), dispose: () => undefined };
  });

  logStoreContract('dynamodb of the emulator', async () => {
    const options = { client: dynamo.client, tableName: await dynamo.createTable(), clock: new SystemClock() };
    const [mine, theirs] = [new DynamoState(options), new DynamoState(options)];
    return { log: mine.log, other: theirs.log, checkpoints: mine.checkpoints, otherCheckpoints: theirs.checkpoints, dispose: () => undefined };
  });
});
