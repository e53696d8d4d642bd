import type { EncodedRows } from '../core/iceberg/data-file.ts';
import type { Columns, Schema } from '../core/iceberg/schema.ts';

/** Rows as the bytes of a file, column by column, each column under its field id. */
export interface RowFiles {
  /** @param groups the file's row groups in their order; each is encoded and let go before the next is asked for */
  encode(schema: Schema, groups: Iterable<Columns> | AsyncIterable<Columns>): Promise<EncodedRows>;
  /**
   * Row groups that may hold what is wanted, in their order, one in memory at a time.
   * @param wanted ranges of `long` and `timestamptz` columns by field id: a group that lies outside one is not read
   * @throws Error where the bytes are no such file
   */
  decode(file: FilePart, schema: Schema, wanted: ReadonlyMap<number, { readonly from: number; readonly to: number }>): AsyncIterable<Columns>;
}

export interface FilePart {
  readonly size: number;
  /** Bytes from `start` up to, not including, `end`. */
  read(start: number, end: number): Promise<Uint8Array>;
}
