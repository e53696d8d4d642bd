/** A manifest: data files with what happened to each in the snapshot that wrote it. */
import { type AvroField, type AvroSchema, type AvroValue, isRecord } from './avro.ts';
import { readAvroFile, writeAvroFile } from './avro-file.ts';
import type { DataFile } from './data-file.ts';
import { DAY_FIELD_ID, PARTITION_SPEC } from './partition.ts';
import type { Schema } from './schema.ts';

const STATUS = ['existing', 'added', 'deleted'] as const;

export interface ManifestEntry {
  readonly status: (typeof STATUS)[number];
  /** The snapshot that added or deleted it; null in a manifest that is not committed yet: inherited from the list. */
  readonly snapshot: number | null;
  /** Of the snapshot that added the rows; null as above. */
  readonly sequenceNumber: number | null;
  readonly fileSequenceNumber: number | null;
  readonly file: DataFile;
}

const field = (id: number, name: string, type: AvroSchema): AvroField => ({ name, type, 'field-id': id });
const optional = (id: number, name: string, type: AvroSchema): AvroField => ({ name, type: ['null', type], default: null, 'field-id': id });

/** Avro's own maps have text as keys: Iceberg writes a list of pairs. */
function mapOf(id: number, name: string, keyId: number, valueId: number, value: AvroSchema): AvroField {
  const pair: AvroSchema = { type: 'record', name: `k${keyId}_v${valueId}`, fields: [field(keyId, 'key', 'int'), field(valueId, 'value', value)] };
  return optional(id, name, { type: 'array', logicalType: 'map', items: pair });
}

const DATA_FILE: AvroSchema = {
  type: 'record',
  name: 'r2',
  fields: [
    field(134, 'content', 'int'),
    field(100, 'file_path', 'string'),
    field(101, 'file_format', 'string'),
    field(102, 'partition', {
      type: 'record',
      name: 'r102',
      fields: [optional(DAY_FIELD_ID, PARTITION_SPEC.fields[0].name, { type: 'int', logicalType: 'date' })],
    }),
    field(103, 'record_count', 'long'),
    field(104, 'file_size_in_bytes', 'long'),
    mapOf(108, 'column_sizes', 117, 118, 'long'),
    mapOf(109, 'value_counts', 119, 120, 'long'),
    mapOf(110, 'null_value_counts', 121, 122, 'long'),
    mapOf(125, 'lower_bounds', 126, 127, 'bytes'),
    mapOf(128, 'upper_bounds', 129, 130, 'bytes'),
    optional(132, 'split_offsets', { type: 'array', items: 'long', 'element-id': 133 }),
    optional(140, 'sort_order_id', 'int'),
  ],
};

const ENTRY: AvroSchema = {
  type: 'record',
  name: 'manifest_entry',
  fields: [
    field(0, 'status', 'int'),
    optional(1, 'snapshot_id', 'long'),
    optional(3, 'sequence_number', 'long'),
    optional(4, 'file_sequence_number', 'long'),
    field(2, 'data_file', DATA_FILE),
  ],
};

/** @param sync sixteen bytes of chance */
export function encodeManifest(
  entries: readonly ManifestEntry[],
  { schema, sync }: { readonly schema: Schema; readonly sync: Uint8Array },
): Uint8Array {
  const header = {
    schema: JSON.stringify(schema),
    'schema-id': String(schema['schema-id']),
    'partition-spec': JSON.stringify(PARTITION_SPEC.fields),
    'partition-spec-id': String(PARTITION_SPEC['spec-id']),
    'format-version': '2',
    content: 'data',
  };
  const records = entries.map(({ status, snapshot, sequenceNumber, fileSequenceNumber, file }) => ({
    status: STATUS.indexOf(status),
    snapshot_id: snapshot,
    sequence_number: sequenceNumber,
    file_sequence_number: fileSequenceNumber,
    data_file: {
      content: 0,
      file_path: file.path,
      file_format: 'PARQUET',
      partition: { timestamp_day: file.day },
      record_count: file.records,
      file_size_in_bytes: file.bytes,
      column_sizes: pairs(file.columnSizes),
      value_counts: pairs(file.valueCounts),
      null_value_counts: pairs(file.nullCounts),
      lower_bounds: pairs(file.lower),
      upper_bounds: pairs(file.upper),
      split_offsets: file.splits,
      sort_order_id: 0,
    },
  }));
  return writeAvroFile(ENTRY, records, { header, sync });
}

/** @throws Error where the bytes are no manifest, or one that the archive cannot have written */
export function decodeManifest(bytes: Uint8Array): ManifestEntry[] {
  return readAvroFile(bytes).records.map((record) => {
    const file = record.data_file;
    const status = STATUS[number(record.status)];
    if (!isRecord(file) || !isRecord(file.partition) || status === undefined) throw new Error('an entry names no file');
    if (file.content !== 0) throw new Error('it lists delete files: another engine changed rows of this table');
    return {
      status,
      snapshot: numberOrNull(record.snapshot_id),
      sequenceNumber: numberOrNull(record.sequence_number),
      fileSequenceNumber: numberOrNull(record.file_sequence_number),
      file: {
        path: text(file.file_path),
        day: number(file.partition.timestamp_day),
        records: number(file.record_count),
        bytes: number(file.file_size_in_bytes),
        columnSizes: mapped(file.column_sizes, number),
        valueCounts: mapped(file.value_counts, number),
        nullCounts: mapped(file.null_value_counts, number),
        lower: mapped(file.lower_bounds, binary),
        upper: mapped(file.upper_bounds, binary),
        splits: Array.isArray(file.split_offsets) ? file.split_offsets.map(number) : [],
      },
    };
  });
}

function pairs(map: ReadonlyMap<number, number | Uint8Array>): AvroValue {
  return [...map].map(([key, value]) => ({ key, value }));
}

function mapped<T>(value: AvroValue | undefined, as: (one: AvroValue | undefined) => T): Map<number, T> {
  const list = Array.isArray(value) ? value : [];
  return new Map(list.flatMap((pair) => (isRecord(pair) ? [[number(pair.key), as(pair.value)] as const] : [])));
}

function number(value: AvroValue | undefined): number {
  if (typeof value !== 'number') throw new Error('a number is missing');
  return value;
}

function numberOrNull(value: AvroValue | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

function text(value: AvroValue | undefined): string {
  if (typeof value !== 'string') throw new Error('a text is missing');
  return value;
}

function binary(value: AvroValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error('bytes are missing');
  return value;
}
