/** What a manifest says of one Parquet file: enough to know whether a reader needs it. */
import { boundOf, numberBound } from './bounds.ts';
import { FIELD } from './envelope.ts';
import type { Cell, Schema } from './schema.ts';

export interface DataFile {
  /** As the table's metadata names it: absolute. */
  readonly path: string;
  /** Days since the epoch that the rows' timestamps fall on; the partition. */
  readonly day: number;
  readonly records: number;
  readonly bytes: number;
  readonly columnSizes: ReadonlyMap<number, number>;
  readonly valueCounts: ReadonlyMap<number, number>;
  readonly nullCounts: ReadonlyMap<number, number>;
  readonly lower: ReadonlyMap<number, Uint8Array>;
  readonly upper: ReadonlyMap<number, Uint8Array>;
  /** Where its row groups begin. */
  readonly splits: readonly number[];
}

/** Of a leaf column, by its field id. */
export interface ColumnStatistics {
  readonly values: number;
  readonly nulls: number;
  readonly bytes: number;
  readonly min: Cell;
  readonly max: Cell;
}

/** A Parquet file as its writer made it. */
export interface EncodedRows {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly columns: ReadonlyMap<number, ColumnStatistics>;
  readonly splits: readonly number[];
}

/** Bounds are kept of whole columns alone: a list has elements, of which no reader asks. */
export function dataFile(path: string, day: number, encoded: EncodedRows, schema: Schema): DataFile {
  const { columns } = encoded;
  const each = (of: (one: ColumnStatistics) => number) => new Map([...columns].map(([id, one]) => [id, of(one)] as const));
  const bounds = (which: 'lower' | 'upper') =>
    new Map(
      schema.fields.flatMap(({ id, type }) => {
        const found = columns.get(id);
        const bytes = found && boundOf(type, which === 'lower' ? found.min : found.max, which);
        return bytes ? [[id, bytes] as const] : [];
      }),
    );
  return {
    path,
    day,
    records: encoded.rows,
    bytes: encoded.bytes.length,
    columnSizes: each(({ bytes }) => bytes),
    valueCounts: each(({ values }) => values),
    nullCounts: each(({ nulls }) => nulls),
    lower: bounds('lower'),
    upper: bounds('upper'),
    splits: encoded.splits,
  };
}

export interface Range {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

/** Sequences that the file may hold. A file without bounds may hold any. */
export function sequencesOf(file: DataFile): Range {
  return rangeOf(file, FIELD.sequence);
}

/** Timestamps that the file may hold, µs since the epoch. */
export function timestampsOf(file: DataFile): Range {
  return rangeOf(file, FIELD.timestamp);
}

function rangeOf(file: DataFile, field: number): Range {
  return { from: numberBound(file.lower.get(field)) ?? Number.NEGATIVE_INFINITY, to: numberBound(file.upper.get(field)) ?? Number.POSITIVE_INFINITY };
}
