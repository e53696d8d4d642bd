/** Reads a sparse index in the order of (time, route, key), whatever its shards. */
import { compareUtf8 } from '../../core/objects/byte-order.ts';
import type { RecordRef } from '../../ports/replication-state.ts';
import { indexShards, refOf } from './keys.ts';
import { merge } from './merge.ts';
import { INDEXES, type IndexName, PARTITION, SORT } from './schema.ts';
import { bytesOf, type Item, numberOf, type Table } from './table.ts';

export interface IndexEntry extends RecordRef {
  readonly at: number;
  /** With the attributes that the index includes. */
  readonly item: Item;
}

export interface IndexRange {
  /** Both inclusive, ms since the epoch. */
  readonly from?: number;
  readonly to?: number;
  /** How many are likely to be asked for. */
  readonly pageSize?: number;
}

export function entries(table: Table, name: IndexName, routes: Iterable<string>, range: IndexRange = {}): AsyncGenerator<IndexEntry> {
  const shards = [...routes].flatMap(indexShards);
  return merge(
    shards.map((shard) => inOrder(shardEntries(table, name, shard, range))),
    compareEntries,
  );
}

export function compareEntries(a: Omit<IndexEntry, 'item'>, b: Omit<IndexEntry, 'item'>): number {
  return a.at - b.at || compareUtf8(a.route, b.route) || compareUtf8(a.key, b.key);
}

/** In no order of its own among those of one time. */
export async function* shardEntries(table: Table, name: IndexName, shard: string, range: IndexRange): AsyncGenerator<IndexEntry> {
  const { from, to, pageSize } = range;
  const index = INDEXES[name];
  const condition = `${from === undefined ? '' : ' AND #at >= :from'}${to === undefined ? '' : ' AND #at <= :to'}`;
  const query = {
    IndexName: index.name,
    KeyConditionExpression: `#shard = :shard${condition}`,
    ExpressionAttributeNames: { '#shard': index.shard, ...(condition === '' ? {} : { '#at': index.at }) },
    ExpressionAttributeValues: {
      ':shard': shard,
      ...(from === undefined ? {} : { ':from': from }),
      ...(to === undefined ? {} : { ':to': to }),
    },
  };
  for await (const item of table.query(query, pageSize)) {
    yield { ...refOf(String(item[PARTITION]), bytesOf(item, SORT)), at: numberOf(item, index.at), item };
  }
}

/** Those of one time are gathered and sorted: DynamoDB promises no order among them, and a page goes on after one of them. */
async function* inOrder(sorted: AsyncGenerator<IndexEntry>): AsyncGenerator<IndexEntry> {
  let tied: IndexEntry[] = [];
  for await (const entry of sorted) {
    if (tied[0] !== undefined && tied[0].at !== entry.at) {
      yield* tied.sort(compareEntries);
      tied = [];
    }
    tied.push(entry);
  }
  yield* tied.sort(compareEntries);
}
