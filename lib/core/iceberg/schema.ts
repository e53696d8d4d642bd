/** The part of Iceberg's types that the archive writes. Columns are known by their field id: a name may change, an id never means another column. */
import { TidemarkError } from '../errors.ts';

export type Primitive = 'boolean' | 'int' | 'long' | 'float' | 'double' | 'date' | 'timestamptz' | 'string' | `decimal(${number}, ${number})`;

export interface ListType {
  readonly type: 'list';
  readonly 'element-id': number;
  readonly element: Primitive;
  readonly 'element-required': boolean;
}

export interface Field {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: Primitive | ListType;
}

export interface Schema {
  readonly type: 'struct';
  readonly 'schema-id': number;
  readonly fields: readonly Field[];
}

/** A cell: `long` and `int` as numbers, `timestamptz` as µs since the epoch, `date` as days, `decimal` unscaled. */
export type Cell = null | boolean | number | bigint | string | readonly Cell[];

/** Rows column by column: what a Parquet file holds. Every array has `rows` cells. */
export interface Columns {
  readonly rows: number;
  readonly byId: ReadonlyMap<number, readonly Cell[]>;
}

/** @returns precision and scale, or undefined where the type is no decimal */
export function decimalOf(type: Field['type']): { readonly precision: number; readonly scale: number } | undefined {
  const found = typeof type === 'string' ? /^decimal\((\d+), ?(\d+)\)$/.exec(type) : null;
  return found ? { precision: Number(found[1]), scale: Number(found[2]) } : undefined;
}

/** @throws TidemarkError INTERNAL where a table lacks the column that the caller relies on */
export function fieldNamed(schema: Schema, id: number): Field {
  const found = schema.fields.find((field) => field.id === id);
  if (!found) throw new TidemarkError('INTERNAL', `the schema has no field ${id}`, { schema: schema['schema-id'] });
  return found;
}
