/** Row files without Parquet: JSON, one row group a line. The protocol asks no more of a data file than that it is whole. */
import type { ColumnStatistics } from '../../../lib/core/iceberg/data-file.ts';
import type { Cell, Columns } from '../../../lib/core/iceberg/schema.ts';
import type { RowFiles } from '../../../lib/ports/row-files.ts';

export const JSON_ROWS: RowFiles = {
  async encode(schema, groups) {
    const lines: string[] = [];
    const columns = new Map<number, ColumnStatistics>();
    let rows = 0;
    for await (const group of groups) {
      rows += group.rows;
      lines.push(JSON.stringify({ rows: group.rows, cells: schema.fields.map(({ id }) => [id, group.byId.get(id) ?? []]) }));
      for (const { id, type } of schema.fields) {
        if (type !== 'long' && type !== 'timestamptz') continue;
        const numbers = (group.byId.get(id) ?? []).filter((cell) => typeof cell === 'number');
        const before = columns.get(id);
        columns.set(id, {
          values: rows,
          nulls: 0,
          bytes: 0,
          min: Math.min(Number(before?.min ?? Number.POSITIVE_INFINITY), ...numbers),
          max: Math.max(Number(before?.max ?? Number.NEGATIVE_INFINITY), ...numbers),
        });
      }
    }
    return { bytes: new TextEncoder().encode(lines.join('\n')), rows, columns, splits: [0] };
  },
  async *decode(file) {
    yield* decodeJson(await file.read(0, file.size));
  },
};

export function decodeJson(bytes: Uint8Array): Columns[] {
  return new TextDecoder()
    .decode(bytes)
    .split('\n')
    .map((line) => {
      const { rows, cells }: { readonly rows: number; readonly cells: readonly (readonly [number, readonly Cell[]])[] } = JSON.parse(line);
      return { rows, byId: new Map(cells) };
    });
}
