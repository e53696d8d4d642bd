/** A manifest list: the manifests of one snapshot, with what a reader needs to leave some of them unread. */
import { type AvroField, type AvroSchema, type AvroValue, isRecord } from './avro.ts';
import { readAvroFile, writeAvroFile } from './avro-file.ts';
import { boundOf, numberBound } from './bounds.ts';
import type { Range } from './data-file.ts';
import type { ManifestEntry } from './manifest.ts';
import { PARTITION_SPEC } from './partition.ts';

/** How many files and rows of each status a manifest holds. */
export interface Tally {
  readonly files: number;
  readonly rows: number;
}

export interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
  /** Of the commit that put it into a list; what its new entries inherit. */
  readonly sequenceNumber: number;
  /** The smallest among its live files. */
  readonly minSequenceNumber: number;
  readonly snapshot: number;
  readonly added: Tally;
  readonly existing: Tally;
  readonly deleted: Tally;
  /** Days that its files fall on. */
  readonly days: Range;
}

const field = (id: number, name: string, type: AvroSchema): AvroField => ({ name, type, 'field-id': id });

const FIELD_SUMMARY: AvroSchema = {
  type: 'record',
  name: 'r508',
  fields: [
    field(509, 'contains_null', 'boolean'),
    { ...field(518, 'contains_nan', ['null', 'boolean']), default: null },
    { ...field(510, 'lower_bound', ['null', 'bytes']), default: null },
    { ...field(511, 'upper_bound', ['null', 'bytes']), default: null },
  ],
};

const MANIFEST_FILE: AvroSchema = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    field(500, 'manifest_path', 'string'),
    field(501, 'manifest_length', 'long'),
    field(502, 'partition_spec_id', 'int'),
    field(517, 'content', 'int'),
    field(515, 'sequence_number', 'long'),
    field(516, 'min_sequence_number', 'long'),
    field(503, 'added_snapshot_id', 'long'),
    field(504, 'added_files_count', 'int'),
    field(505, 'existing_files_count', 'int'),
    field(506, 'deleted_files_count', 'int'),
    field(512, 'added_rows_count', 'long'),
    field(513, 'existing_rows_count', 'long'),
    field(514, 'deleted_rows_count', 'long'),
    { ...field(507, 'partitions', ['null', { type: 'array', items: FIELD_SUMMARY, 'element-id': 508 }]), default: null },
  ],
};

/** What a list says of a manifest that its own commit wrote. Entries whose numbers are inherited count as `sequenceNumber`. */
export function manifestFile(
  entries: readonly ManifestEntry[],
  {
    path,
    bytes,
    sequenceNumber,
    snapshot,
  }: { readonly path: string; readonly bytes: number; readonly sequenceNumber: number; readonly snapshot: number },
): ManifestFile {
  const tally = (status: ManifestEntry['status']): Tally => {
    const found = entries.filter((entry) => entry.status === status);
    return { files: found.length, rows: found.reduce((sum, { file }) => sum + file.records, 0) };
  };
  const live = entries.filter(({ status }) => status !== 'deleted').map((entry) => entry.sequenceNumber ?? sequenceNumber);
  const days = entries.map(({ file }) => file.day);
  return {
    path,
    bytes,
    sequenceNumber,
    minSequenceNumber: live.reduce((least, one) => Math.min(least, one), sequenceNumber),
    snapshot,
    added: tally('added'),
    existing: tally('existing'),
    deleted: tally('deleted'),
    days: {
      from: days.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      to: days.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    },
  };
}

/** @param sync sixteen bytes of chance @param parent null for the first snapshot */
export function encodeManifestList(
  manifests: readonly ManifestFile[],
  {
    snapshot,
    parent,
    sequenceNumber,
    sync,
  }: { readonly snapshot: number; readonly parent: number | null; readonly sequenceNumber: number; readonly sync: Uint8Array },
): Uint8Array {
  const header = {
    'snapshot-id': String(snapshot),
    'parent-snapshot-id': String(parent),
    'sequence-number': String(sequenceNumber),
    'format-version': '2',
  };
  const records = manifests.map((one) => ({
    manifest_path: one.path,
    manifest_length: one.bytes,
    partition_spec_id: PARTITION_SPEC['spec-id'],
    content: 0,
    sequence_number: one.sequenceNumber,
    min_sequence_number: one.minSequenceNumber,
    added_snapshot_id: one.snapshot,
    added_files_count: one.added.files,
    existing_files_count: one.existing.files,
    deleted_files_count: one.deleted.files,
    added_rows_count: one.added.rows,
    existing_rows_count: one.existing.rows,
    deleted_rows_count: one.deleted.rows,
    partitions: [
      {
        contains_null: false,
        contains_nan: false,
        lower_bound: boundOf('date', one.days.from, 'lower') ?? null,
        upper_bound: boundOf('date', one.days.to, 'upper') ?? null,
      },
    ],
  }));
  return writeAvroFile(MANIFEST_FILE, records, { header, sync });
}

/** @throws Error where the bytes are no manifest list of a table that the archive wrote alone */
export function decodeManifestList(bytes: Uint8Array): ManifestFile[] {
  return readAvroFile(bytes).records.map((record) => {
    const count = (name: string): number => {
      const value = record[name];
      if (typeof value !== 'number') throw new Error(`${name} is missing`);
      return value;
    };
    const { manifest_path: path, partitions } = record;
    if (typeof path !== 'string') throw new Error('manifest_path is missing');
    if (count('content') !== 0) throw new Error('it lists delete manifests: another engine changed rows of this table');
    const days = Array.isArray(partitions) ? partitions[0] : undefined;
    return {
      path,
      bytes: count('manifest_length'),
      sequenceNumber: count('sequence_number'),
      minSequenceNumber: count('min_sequence_number'),
      snapshot: count('added_snapshot_id'),
      added: { files: count('added_files_count'), rows: count('added_rows_count') },
      existing: { files: count('existing_files_count'), rows: count('existing_rows_count') },
      deleted: { files: count('deleted_files_count'), rows: count('deleted_rows_count') },
      days: {
        from: numberBound(bytesIn(days, 'lower_bound')) ?? Number.NEGATIVE_INFINITY,
        to: numberBound(bytesIn(days, 'upper_bound')) ?? Number.POSITIVE_INFINITY,
      },
    };
  });
}

function bytesIn(value: AvroValue | undefined, name: string): Uint8Array | undefined {
  const found = isRecord(value) ? value[name] : undefined;
  return found instanceof Uint8Array ? found : undefined;
}
