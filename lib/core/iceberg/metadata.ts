/** A table's metadata, as version N of it lies in a file: Iceberg's format version 2. Property names are the format's own. */
import { ENVELOPE, LAST_ENVELOPE_ID } from './envelope.ts';
import { DAY_FIELD_ID, PARTITION_SPEC } from './partition.ts';
import type { Schema } from './schema.ts';

export interface Snapshot {
  readonly 'snapshot-id': number;
  readonly 'parent-snapshot-id'?: number;
  readonly 'sequence-number': number;
  readonly 'timestamp-ms': number;
  readonly 'manifest-list': string;
  readonly 'schema-id': number;
  readonly summary: Readonly<Record<string, string>> & { readonly operation: 'append' | 'replace' };
}

export interface TableMetadata {
  readonly 'format-version': 2;
  readonly 'table-uuid': string;
  readonly location: string;
  readonly 'last-sequence-number': number;
  readonly 'last-updated-ms': number;
  readonly 'last-column-id': number;
  readonly schemas: readonly Schema[];
  readonly 'current-schema-id': number;
  readonly 'partition-specs': readonly (typeof PARTITION_SPEC)[];
  readonly 'default-spec-id': 0;
  readonly 'last-partition-id': number;
  readonly properties: Readonly<Record<string, string>>;
  /** -1 while nothing was archived. */
  readonly 'current-snapshot-id': number;
  readonly snapshots: readonly Snapshot[];
  readonly 'snapshot-log': readonly { readonly 'snapshot-id': number; readonly 'timestamp-ms': number }[];
  readonly 'metadata-log': readonly { readonly 'metadata-file': string; readonly 'timestamp-ms': number }[];
  readonly 'sort-orders': readonly { readonly 'order-id': 0; readonly fields: readonly never[] }[];
  readonly 'default-sort-order-id': 0;
  readonly refs: { readonly main?: { readonly 'snapshot-id': number; readonly type: 'branch' } };
}

/** A version of the metadata, and its number. */
export interface TableVersion {
  readonly version: number;
  readonly metadata: TableMetadata;
}

export const NO_SNAPSHOT = -1;
/** The stream that the table holds. */
export const STREAM_PROPERTY = 'tidemark.stream';

/** @param location absolute, without a slash at its end, as other engines open it @param now ms since the epoch */
export function newTable({
  uuid,
  location,
  stream,
  now,
}: {
  readonly uuid: string;
  readonly location: string;
  readonly stream: string;
  readonly now: number;
}): TableMetadata {
  return {
    'format-version': 2,
    'table-uuid': uuid,
    location,
    'last-sequence-number': 0,
    'last-updated-ms': now,
    'last-column-id': LAST_ENVELOPE_ID,
    schemas: [ENVELOPE],
    'current-schema-id': ENVELOPE['schema-id'],
    'partition-specs': [PARTITION_SPEC],
    'default-spec-id': 0,
    'last-partition-id': DAY_FIELD_ID,
    properties: { [STREAM_PROPERTY]: stream, 'write.format.default': 'parquet' },
    'current-snapshot-id': NO_SNAPSHOT,
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    'default-sort-order-id': 0,
    refs: {},
  };
}

/** @throws Error where a part that everything rests on is missing: the file is damaged, or not a table of the archive */
export function parseMetadata(text: string): TableMetadata {
  const parsed: TableMetadata = JSON.parse(text);
  const { 'format-version': format, snapshots, 'current-snapshot-id': current } = parsed;
  if (format !== 2) throw new Error(`its format version is ${format}, and 2 is what can be read`);
  if (parsed['partition-specs']?.length !== 1 || parsed['default-spec-id'] !== 0) throw new Error('another engine changed its partitions');
  if (!Array.isArray(snapshots) || !Array.isArray(parsed.schemas) || typeof parsed.location !== 'string') throw new Error('parts of it are missing');
  if (current !== NO_SNAPSHOT && !snapshots.some((one) => one['snapshot-id'] === current))
    throw new Error(`it does not hold its current snapshot ${current}`);
  if (!parsed.schemas.some((one) => one['schema-id'] === parsed['current-schema-id'])) throw new Error('it does not hold its current schema');
  return parsed;
}

export function formatMetadata(metadata: TableMetadata): string {
  return JSON.stringify(metadata);
}

/** @param id or the moment in ms since the epoch as of which to read @returns undefined where nothing had been archived */
export function snapshotOf(metadata: TableMetadata, id: number = metadata['current-snapshot-id']): Snapshot | undefined {
  return metadata.snapshots.find((one) => one['snapshot-id'] === id);
}

export function currentSchema(metadata: TableMetadata): Schema {
  return metadata.schemas.find((one) => one['schema-id'] === metadata['current-schema-id']) ?? ENVELOPE;
}
