/** Rows into a Parquet file: zstd, statistics, one row group after another. */
import { zstdCompressSync } from 'node:zlib';
import type { ColumnMetaData } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnStatistics, EncodedRows } from '../../core/iceberg/data-file.ts';
import { type Cell, type Columns, decimalOf, type Field, type Schema } from '../../core/iceberg/schema.ts';
import { leafId, parquetSchema } from './schema.ts';

const FIRST_BYTES = 1 << 20;
type ColumnSource = Parameters<ParquetWriter['write']>[0]['columnData'][number];

/** The file is built in memory: its size is bounded by how many rows the caller puts into one. */
export async function encodeParquet(schema: Schema, groups: Iterable<Columns> | AsyncIterable<Columns>): Promise<EncodedRows> {
  const writer = new ByteWriter(FIRST_BYTES);
  const parquet = new ParquetWriter({
    writer,
    schema: parquetSchema(schema),
    codec: 'ZSTD',
    compressors: { ZSTD: zstdCompressSync },
    createdBy: 'tidemark',
    // Some readers know by it alone which column is which after a rename.
    kvMetadata: [{ key: 'iceberg.schema', value: JSON.stringify(schema) }],
  });
  for await (const group of groups) {
    await parquet.write({ columnData: schema.fields.map((field) => source(field, group)), rowGroupSize: group.rows });
  }
  await parquet.finish();
  const columns = new Map<number, ColumnStatistics>();
  const splits: number[] = [];
  for (const group of parquet.row_groups) {
    splits.push(Number(group.columns[0]?.file_offset ?? 0));
    group.columns.forEach(({ meta_data: meta }, at) => {
      const field = schema.fields[at];
      if (meta && field) columns.set(leafId(field), joined(columns.get(leafId(field)), statistics(meta, field)));
    });
  }
  return { bytes: new Uint8Array(writer.getBuffer()), rows: Number(parquet.num_rows), columns, splits };
}

function source({ id, name, type }: Field, { rows, byId }: Columns): ColumnSource {
  const cells = byId.get(id) ?? Array.from<Cell>({ length: rows }).fill(null);
  if (type !== 'long' && type !== 'timestamptz') return { name, data: cells.slice() };
  // The writer takes 64 bits as bigint alone. Whole numbers that mostly grow are far smaller as differences.
  return { name, data: cells.map((cell) => (typeof cell === 'number' ? BigInt(cell) : cell)), encoding: 'DELTA_BINARY_PACKED' };
}

function statistics({ statistics: found, num_values, total_compressed_size }: ColumnMetaData, field: Field): ColumnStatistics {
  const bound = (value: unknown) => (decimalOf(field.type) ? null : cell(value));
  return {
    values: Number(num_values),
    nulls: Number(found?.null_count ?? 0),
    bytes: Number(total_compressed_size),
    min: bound(found?.min_value),
    max: bound(found?.max_value),
  };
}

function cell(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function joined(a: ColumnStatistics | undefined, b: ColumnStatistics): ColumnStatistics {
  if (!a) return b;
  return {
    values: a.values + b.values,
    nulls: a.nulls + b.nulls,
    bytes: a.bytes + b.bytes,
    min: outer(a.min, b.min, -1),
    max: outer(a.max, b.max, 1),
  };
}

function outer(a: Cell, b: Cell, sign: 1 | -1): Cell {
  if (a === null || b === null) return a ?? b;
  return order(a, b) * sign >= 0 ? a : b;
}

/** Texts in the order of their UTF-8 bytes, as every reader compares them. */
function order(a: Cell, b: Cell): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}
