/** How large the items of a table are, by DynamoDB's own rule. */
import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { TOTALS_PARTITION } from '../../../../lib/adapters/dynamodb/keys.ts';
import { PARTITION } from '../../../../lib/adapters/dynamodb/schema.ts';

/** What DynamoDB stores beside an item, and lets pay for. */
export const OVERHEAD_BYTES = 100;

export interface ItemSizes {
  readonly items: number;
  /** Without OVERHEAD_BYTES. */
  readonly meanBytes: number;
  readonly maxBytes: number;
}

/** Of the records; the few items that hold a route's totals are left out. */
export async function recordSizes(client: DynamoDBClient, tableName: string): Promise<ItemSizes> {
  const sizes: number[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: tableName, ...(start ? { ExclusiveStartKey: start } : {}) }));
    for (const item of page.Items ?? []) if (item[PARTITION]?.S !== TOTALS_PARTITION) sizes.push(sizeOf(item));
    start = page.LastEvaluatedKey;
  } while (start);
  const sum = sizes.reduce((total, size) => total + size, 0);
  return { items: sizes.length, meanBytes: sum / sizes.length, maxBytes: sizes.reduce((most, size) => Math.max(most, size), 0) };
}

function sizeOf(item: Readonly<Record<string, AttributeValue>>): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);
}

/** A number takes about a byte for two digits, and one more. */
function valueSize({ S, N, B }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return 1 + Math.ceil(N.length / 2);
  if (B !== undefined) return B.length;
  throw new Error('a record holds strings, numbers and bytes alone');
}
