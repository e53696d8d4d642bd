/** A record as an item: its body, and what the sparse indexes and the time to live need of it. */
import type { Delivery } from '../../core/objects/delivery.ts';
import { type ReplicationRecord, workEntry } from '../../core/objects/record.ts';
import { indexShard, refOf } from './keys.ts';
import { packed, unpacked } from './packed.ts';
import { decodeRecord, encodeRecord } from './record-body.ts';
import { BODY, CONFLICTS, ERRORS, IN_PROGRESS, INDEXES, OPEN_BYTES, PARTITION, PENDING, SORT, TTL, VERSION } from './schema.ts';
import { bytesOf, type Item, numberOf } from './table.ts';

/** Attributes by name; undefined: it must not be there. An attribute that is not named stays as it is. */
export type Attributes = Readonly<Record<string, string | number | Uint8Array | undefined>>;

const WRITE_UNIT = 1_024;
/** Of names, numbers and what surrounds the route in the partition's name. */
const OVERHEAD = 64;

export function attributesOf(record: ReplicationRecord): Attributes {
  const entry = workEntry(record);
  return {
    [VERSION]: record.version,
    [BODY]: packed(encodeRecord(record), WRITE_UNIT - OVERHEAD - Buffer.byteLength(record.route + record.key)),
    [TTL]: ttlOf(record),
    ...dueAttributes(record, entry?.kind === 'due' ? entry.at : null),
    ...openAttributes(record, entry?.kind === 'due'),
    ...errorAttributes(record),
    ...conflictAttributes(record),
  };
}

export function recordOf(item: Item): ReplicationRecord {
  const { route, key } = refOf(String(item[PARTITION]), bytesOf(item, SORT));
  return decodeRecord(route, key, numberOf(item, VERSION), unpacked(item[BODY]));
}

function dueAttributes(record: ReplicationRecord, at: number | null): Attributes {
  const { shard, at: name } = INDEXES.due;
  return at === null ? { [shard]: undefined, [name]: undefined } : { [shard]: indexShard(record.route, record.key), [name]: at };
}

/** What a worker is just doing, with its message behind it, is no open work: the happy path touches no index. */
function openAttributes(record: ReplicationRecord, needsAttention: boolean): Attributes {
  const pending = record.deliveries.filter(({ status }) => status === 'pending');
  const running = record.deliveries.filter(({ status }) => status === 'in_progress');
  const open = [...pending, ...running];
  const bytes = open.reduce((sum, { size = 0 }) => sum + size, 0);
  return needsAttention && open.length > 0
    ? { ...listed('open', record, open), [PENDING]: pending.length, [IN_PROGRESS]: running.length, [OPEN_BYTES]: bytes }
    : { [INDEXES.open.shard]: undefined, [PENDING]: undefined, [IN_PROGRESS]: undefined, [OPEN_BYTES]: undefined };
}

function errorAttributes(record: ReplicationRecord): Attributes {
  const errors = record.deliveries.filter(({ status }) => status === 'error');
  return errors.length > 0
    ? { ...listed('error', record, errors), [ERRORS]: errors.length }
    : { [INDEXES.error.shard]: undefined, [ERRORS]: undefined };
}

function conflictAttributes(record: ReplicationRecord): Attributes {
  const { shard, at } = INDEXES.conflict;
  const [first, ...others] = record.conflicts ?? [];
  return first
    ? { [shard]: indexShard(record.route, record.key), [at]: first.at, [CONFLICTS]: 1 + others.length }
    : { [shard]: undefined, [CONFLICTS]: undefined };
}

/** The range attribute is never removed: it is the record's place in the list, to go on from when it has left the list. */
function listed(name: 'open' | 'error', { route, key }: ReplicationRecord, deliveries: readonly Delivery[]): Attributes {
  const { shard, at } = INDEXES[name];
  return { [shard]: indexShard(route, key), [at]: Math.min(...deliveries.map(({ createdAt }) => createdAt)) };
}

/** Only where nothing is left to do, so that what expires loses no open delivery, error or claim. */
function ttlOf({ expiresAt, lease, deliveries }: ReplicationRecord): number | undefined {
  const settled = lease === null && deliveries.every(({ status }) => status === 'done' || status === 'superseded');
  return expiresAt === undefined || !settled ? undefined : Math.ceil(expiresAt / 1000);
}
