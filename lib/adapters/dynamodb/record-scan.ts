/** A route's records in the order of their keys' UTF-8 bytes: all of them, or those that stand in one index. */
import { compareUtf8 } from '../../core/objects/byte-order.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import { shardEntries } from './index-entries.ts';
import { indexShards, recordKey, recordPartitions } from './keys.ts';
import { merge } from './merge.ts';
import { recordOf } from './record-item.ts';
import { PARTITION, SORT } from './schema.ts';
import type { Table } from './table.ts';

export interface KeyRange {
  /** What every key begins with. */
  readonly prefix: string;
  readonly from?: { readonly key: string; readonly inclusive: boolean };
}

const FIRST_PAGE = 8;
/** Records read at once for keys that an index named. */
const READ_AT_ONCE = 25;

export async function* allRecords(table: Table, route: string, range: KeyRange): AsyncGenerator<ReplicationRecord> {
  const partitions = recordPartitions(route).map((partition) => partitionRecords(table, partition, range));
  for await (const record of merge(partitions, (a, b) => compareUtf8(a.key, b.key))) {
    // The partitions are read from a key on, which bounds them from below alone.
    if (!record.key.startsWith(range.prefix)) return;
    yield record;
  }
}

/** The index is sorted by time: the keys it names are few, and are read and sorted here. */
export async function* listedRecords(table: Table, index: 'open' | 'error', route: string, range: KeyRange): AsyncGenerator<ReplicationRecord> {
  const perShard = await Promise.all(indexShards(route).map((shard) => keysOf(table, index, shard, range)));
  const keys = [...new Set(perShard.flat())].sort(compareUtf8);
  for (let start = 0; start < keys.length; start += READ_AT_ONCE) {
    const items = await table.getAll(keys.slice(start, start + READ_AT_ONCE).map((key) => recordKey(route, key)));
    yield* items.map(recordOf).sort((a, b) => compareUtf8(a.key, b.key));
  }
}

async function keysOf(table: Table, index: 'open' | 'error', shard: string, range: KeyRange): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of shardEntries(table, index, shard, {})) {
    if (key.startsWith(range.prefix) && !isBefore(key, range)) keys.push(key);
  }
  return keys;
}

async function* partitionRecords(table: Table, partition: string, range: KeyRange): AsyncGenerator<ReplicationRecord> {
  const { condition, value } = lowerBound(range);
  const query = {
    KeyConditionExpression: condition === '' ? '#pk = :pk' : `#pk = :pk AND ${condition}`,
    ExpressionAttributeNames: { '#pk': PARTITION, ...(value === null ? {} : { '#sk': SORT }) },
    ExpressionAttributeValues: { ':pk': partition, ...(value === null ? {} : { ':sk': Buffer.from(value, 'utf8') }) },
  };
  for await (const item of table.query(query, FIRST_PAGE)) yield recordOf(item);
}

function lowerBound({ prefix, from }: KeyRange): { readonly condition: string; readonly value: string | null } {
  if (from && compareUtf8(from.key, prefix) >= 0) return { condition: from.inclusive ? '#sk >= :sk' : '#sk > :sk', value: from.key };
  return prefix === '' ? { condition: '', value: null } : { condition: 'begins_with(#sk, :sk)', value: prefix };
}

function isBefore(key: string, { from }: KeyRange): boolean {
  if (!from) return false;
  const order = compareUtf8(key, from.key);
  return from.inclusive ? order < 0 : order <= 0;
}
