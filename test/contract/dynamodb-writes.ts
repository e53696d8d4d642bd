import type { ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface Writes {
  /** Write requests. */
  readonly requests: number;
  /** Write units of the table's items. */
  readonly table: number;
  /** Write units of the sparse indexes. */
  readonly indexes: number;
}

const WRITES = /^(PutItem|UpdateItem|DeleteItem|BatchWriteItem|TransactWriteItems)Command$/;

/** Counts what the server says that this client's writes consumed. @returns what was counted since the last time */
export function countWrites(client: DynamoDBDocumentClient): () => Writes {
  let counted = { requests: 0, table: 0, indexes: 0 };
  const stack: DynamoDBClient['middlewareStack'] = client.middlewareStack;
  stack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!WRITES.test(commandName)) return next(args);
        const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'INDEXES' } });
        const { CapacityUnits = Number.NaN, GlobalSecondaryIndexes = {} } = capacityOf(answer.output);
        const indexes = Object.values(GlobalSecondaryIndexes).reduce((sum, index) => sum + (index.CapacityUnits ?? 0), 0);
        counted = {
          requests: counted.requests + 1,
          table: counted.table + CapacityUnits - indexes,
          indexes: counted.indexes + indexes,
        };
        return answer;
      },
    { step: 'serialize', priority: 'high' },
  );
  return () => {
    const since = counted;
    counted = { requests: 0, table: 0, indexes: 0 };
    return since;
  };
}

/** Of one request on one table. */
function capacityOf(output: object): ConsumedCapacity {
  const { ConsumedCapacity = {} }: { ConsumedCapacity?: ConsumedCapacity } = output;
  return ConsumedCapacity;
}
