/** Which partition holds what. */
import { shortHash } from '../../core/hash.ts';
import type { RecordRef } from '../../ports/replication-state.ts';
import { INDEX_SHARDS, PARTITION, RECORD_SHARDS, SORT } from './schema.ts';

/** The table's key; its names are those of the schema. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: Uint8Array;
}

const RECORDS = 'r#';
/** One item a route with what was counted, which is also the list of the routes. */
export const TOTALS_PARTITION = 'totals';

/** One item a backfill, by its id. */
export const BACKFILLS = 'backfills';
const FINDINGS_PARTITION = 'findings';

const numberOf = (key: string): number => Number.parseInt(shortHash(key), 36);
const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

export function recordKey(route: string, key: string): ItemKey {
  return itemKey(recordPartition(route, numberOf(key) % RECORD_SHARDS), utf8(key));
}

export function recordPartitions(route: string): readonly string[] {
  return Array.from({ length: RECORD_SHARDS }, (_, shard) => recordPartition(route, shard));
}

/** Of another digit than the partition's shard, so that one partition's records spread over all of an index. */
export function indexShard(route: string, key: string): string {
  return shardName(route, Math.floor(numberOf(key) / RECORD_SHARDS) % INDEX_SHARDS);
}

export function indexShards(route: string): readonly string[] {
  return Array.from({ length: INDEX_SHARDS }, (_, shard) => shardName(route, shard));
}

export function totalsKey(route: string): ItemKey {
  return itemKey(TOTALS_PARTITION, utf8(route));
}

export function findingKey(name: string): ItemKey {
  return itemKey(FINDINGS_PARTITION, utf8(name));
}

export function deletesPartition(route: string): string {
  return `d#${route}`;
}

/** Numbers sort as such in big-endian bytes. */
export function numberSort(sequence: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(sequence));
  return bytes;
}

/** The ranges of a backfill, and what its messages came to. */
export function backfillPartition(id: string): string {
  return `b#${id}`;
}

/** The chunks of a stream, by the sequence of their first event. */
export function streamPartition(stream: string): string {
  return `l#${stream}`;
}

/** How far each subscriber of a stream has come. */
export function checkpointsPartition(stream: string): string {
  return `c#${stream}`;
}

/** One item a stream. */
export const STREAMS_PARTITION = 'streams';

export function nameKey(partition: string, name: string): ItemKey {
  return itemKey(partition, utf8(name));
}

/** The number in a sort key of `numberSort`. */
export function numberIn(sort: unknown): number {
  return sort instanceof Uint8Array && sort.length === 8 ? Number(Buffer.from(sort).readBigUInt64BE()) : 0;
}

export function itemKey(partition: string, sort: Uint8Array): ItemKey {
  return { [PARTITION]: partition, [SORT]: sort };
}

/** One item for all routes. */
export const PAUSES_KEY = itemKey('pauses', utf8('routes'));

/** The gateway's control record, its observers' counters and its watermarks. */
export const CONTROL_PARTITION = 'control';

/** @param kind of one letter */
export function controlKey(kind: 'c' | 'o' | 'w', name = ''): ItemKey {
  return itemKey(CONTROL_PARTITION, utf8(`${kind}#${name}`));
}

/** Whose record lies under this key. */
export function refOf(partition: string, sort: Uint8Array): RecordRef {
  return { route: partition.slice(RECORDS.length, partition.lastIndexOf('#')), key: sortText(sort) };
}

export function sortText(sort: Uint8Array): string {
  return Buffer.from(sort).toString('utf8');
}

function recordPartition(route: string, shard: number): string {
  return `${RECORDS}${route}#${shard.toString(16)}`;
}

function shardName(route: string, shard: number): string {
  return `${route}#${shard}`;
}
