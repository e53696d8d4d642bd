/**
 * The names in the one table: for the adapter, for whoever makes the table, and for tests. No SDK here.
 * Names of attributes are short because they count: an item above 1,024 bytes costs a second write unit.
 */

export interface SparseIndex {
  readonly name: string;
  /** Its hash attribute, a string: present only while the record stands in the index. */
  readonly shard: string;
  /** Its range attribute, a number, ms since the epoch. */
  readonly at: string;
  /** Attributes that it carries beside the keys. */
  readonly include: readonly string[];
}

/** Of the table's key: a string, and bytes (which sort as S3 lists: in UTF-8 byte order). */
export const PARTITION = 'pk';
export const SORT = 'sk';

export const VERSION = 'v';
export const BODY = 'b';
/** Seconds since the epoch: the table's time to live. */
export const TTL = 'ttl';

/** How many open deliveries of each kind, errors and conflicts a record holds, and the sum of the open ones' sizes in bytes; there only with an index entry. */
export const PENDING = 'po';
export const IN_PROGRESS = 'ip';
export const OPEN_BYTES = 'ob';
export const ERRORS = 'er';
export const CONFLICTS = 'cf';

export const INDEXES = {
  due: { name: 'due', shard: 'dh', at: 'dt', include: [] },
  open: { name: 'open', shard: 'oh', at: 'ot', include: [PENDING, IN_PROGRESS, OPEN_BYTES] },
  error: { name: 'error', shard: 'eh', at: 'et', include: [ERRORS] },
  conflict: { name: 'conflict', shard: 'ch', at: 'ct', include: [CONFLICTS] },
} as const satisfies Record<string, SparseIndex>;

export type IndexName = keyof typeof INDEXES;

/** The partition with one item a route: who compares or loads it, and when that was done last. */
export const BACKFILL_CLAIMS = 'backfill-claims';

/** The partition of the audit trail: one item for what was appended together, by the sequence of its first entry. */
export const AUDIT_PARTITION = 'audit';

/** A route's records lie in as many partitions: one takes 1,000 writes a second. */
export const RECORD_SHARDS = 16;
export const INDEX_SHARDS = 4;
