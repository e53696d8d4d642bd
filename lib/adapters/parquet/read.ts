/** Rows out of a Parquet file, a row group at a time; groups that cannot hold what is wanted are not fetched. */
import { zstdDecompressSync } from 'node:zlib';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead, type RowGroup } from 'hyparquet';
import type { Range } from '../../core/iceberg/data-file.ts';
import type { Cell, Columns, Schema } from '../../core/iceberg/schema.ts';
import type { FilePart } from '../../ports/row-files.ts';

/** Most footers are within; a larger one takes a second read. */
const FOOTER_BYTES = 32_768;
const OPTIONS = {
  compressors: { ZSTD: (input: Uint8Array, length: number) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) }) },
  parsers: {
    timestampFromMicroseconds: Number,
    dateFromDays: Number,
  },
} as const;

export async function* decodeParquet(file: FilePart, schema: Schema, wanted: ReadonlyMap<number, Range>): AsyncGenerator<Columns> {
  const buffer: AsyncBuffer = { byteLength: file.size, slice: async (start, end = file.size) => exactly(await file.read(start, end)) };
  const metadata = await parquetMetadataAsync(buffer, { initialFetchSize: FOOTER_BYTES, parsers: OPTIONS.parsers });
  const names = namesById(metadata);
  const fields = schema.fields.filter(({ id }) => names.has(id));
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    if (!isOutside(group, wanted, names)) {
      const byName = await readGroup({ file: buffer, metadata, rowStart, rowEnd: rowStart + rows }, group);
      const byId = new Map<number, readonly Cell[]>();
      for (const { id } of fields) byId.set(id, byName.get(names.get(id) ?? '') ?? []);
      yield { rows, byId };
    }
    rowStart += rows;
  }
}

/** A group lies together: one read, where a read a column would be twelve requests. */
async function readGroup(options: { file: AsyncBuffer; metadata: FileMetaData; rowStart: number; rowEnd: number }, group: RowGroup) {
  const byName = new Map<string, Cell[]>();
  const span = spanOf(group);
  const bytes = await options.file.slice(span.start, span.end);
  const file: AsyncBuffer = {
    byteLength: options.file.byteLength,
    slice: (start, end = span.end) => bytes.slice(start - span.start, end - span.start),
  };
  await parquetRead({
    ...options,
    ...OPTIONS,
    file,
    onChunk({ columnName, columnData, rowStart }) {
      const cells = byName.get(columnName) ?? [];
      byName.set(columnName, cells);
      let at = rowStart - options.rowStart;
      for (const value of columnData) cells[at++] = cellOf(value);
    },
  });
  return byName;
}

function spanOf({ columns }: RowGroup): { readonly start: number; readonly end: number } {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const { meta_data: meta } of columns) {
    if (!meta) throw new Error('its columns lie in another file');
    const first = Number(meta.dictionary_page_offset ?? meta.data_page_offset);
    start = Math.min(start, first);
    end = Math.max(end, first + Number(meta.total_compressed_size));
  }
  return { start, end };
}

function namesById({ schema }: FileMetaData): Map<number, string> {
  return new Map(schema.flatMap(({ field_id: id, name }) => (id === undefined ? [] : [[id, name] as const])));
}

function isOutside({ columns }: RowGroup, wanted: ReadonlyMap<number, Range>, names: ReadonlyMap<number, string>): boolean {
  return [...wanted].some(([id, { from, to }]) => {
    const found = columns.find(({ meta_data: meta }) => meta?.path_in_schema.length === 1 && meta.path_in_schema[0] === names.get(id))?.meta_data
      ?.statistics;
    const min = found?.min_value ?? found?.min;
    const max = found?.max_value ?? found?.max;
    return min !== undefined && max !== undefined && (Number(max) < from || Number(min) > to);
  });
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return Array.isArray(value) ? value.map(cellOf) : null;
}

function exactly(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return new Uint8Array(bytes).buffer;
}
