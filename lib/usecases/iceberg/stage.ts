/** Rows into data files, one a day: garbage until a commit names them. */
import { type DataFile, dataFile } from '../../core/iceberg/data-file.ts';
import { ENVELOPE, FIELD, type Row, rowBytes, toColumns } from '../../core/iceberg/envelope.ts';
import { dataName } from '../../core/iceberg/names.ts';
import { dayOf } from '../../core/iceberg/partition.ts';
import type { Columns, Schema } from '../../core/iceberg/schema.ts';
import type { TableDeps } from './deps.ts';

/** Small enough that a reader of a moment takes little else, and that a reader of all holds little at once. */
export const ROWS_PER_GROUP = 32_768;
const BYTES_PER_GROUP = 8 * 1024 * 1024;
const positionOf = (id: number) => ENVELOPE.fields.findIndex((field) => field.id === id);
const [SEQUENCE, TIMESTAMP] = [positionOf(FIELD.sequence), positionOf(FIELD.timestamp)];

export function sequenceOf(row: Row): number {
  return Number(row[SEQUENCE]);
}

/** How rows become columns. */
export interface Shape {
  readonly schema: Schema;
  /** Field ids of the cells behind the envelope's. */
  readonly declared: readonly number[];
}

/** @param rows in the order of their sequences, as they are in each file then */
export async function stageRows(deps: TableDeps, { schema, declared }: Shape, rows: readonly Row[]): Promise<readonly DataFile[]> {
  const days = Map.groupBy(rows, (row) => dayOf(Number(row[TIMESTAMP])));
  const staged: DataFile[] = [];
  for (const [day, some] of days) staged.push(await stageFile(deps, schema, day, groupsOf(some, declared)));
  return staged;
}

/** Writes one data file. */
export async function stageFile(
  { files, rows, ids }: TableDeps,
  schema: Schema,
  day: number,
  groups: Iterable<Columns> | AsyncIterable<Columns>,
): Promise<DataFile> {
  const encoded = await rows.encode(schema, groups);
  const name = dataName(day, ids.next());
  await files.put(name, encoded.bytes, 'any');
  return dataFile(`${files.location}/${name}`, day, encoded, schema);
}

function* groupsOf(rows: readonly Row[], declared: readonly number[]): Generator<Columns> {
  let start = 0;
  let bytes = 0;
  for (let at = 0; at < rows.length; at++) {
    bytes += rowBytes(rows[at] ?? []);
    if (at + 1 - start < ROWS_PER_GROUP && bytes < BYTES_PER_GROUP) continue;
    yield toColumns(rows.slice(start, at + 1), declared);
    [start, bytes] = [at + 1, 0];
  }
  if (start < rows.length) yield toColumns(rows.slice(start), declared);
}
