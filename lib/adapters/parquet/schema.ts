/** Iceberg's types as Parquet's, each column under its field id: readers know columns by it and by nothing else. */
import type { SchemaElement } from 'hyparquet';
import { decimalOf, type Field, type Primitive, type Schema } from '../../core/iceberg/schema.ts';

const LEAVES: Readonly<Record<Exclude<Primitive, `decimal${string}`>, Omit<SchemaElement, 'name'>>> = {
  boolean: { type: 'BOOLEAN' },
  int: { type: 'INT32' },
  long: { type: 'INT64' },
  float: { type: 'FLOAT' },
  double: { type: 'DOUBLE' },
  date: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
  timestamptz: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
};

export function parquetSchema({ fields }: Schema): SchemaElement[] {
  return [{ name: 'table', num_children: fields.length }, ...fields.flatMap(elements)];
}

/** The id under which a column's statistics are kept: of a list, its element's. */
export function leafId({ id, type }: Field): number {
  return typeof type === 'string' ? id : type['element-id'];
}

function elements({ id, name, required, type }: Field): SchemaElement[] {
  const repetition_type = required ? 'REQUIRED' : 'OPTIONAL';
  if (typeof type === 'string') return [{ name, repetition_type, field_id: id, ...leaf(type) }];
  return [
    { name, repetition_type, field_id: id, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: type['element-required'] ? 'REQUIRED' : 'OPTIONAL', field_id: type['element-id'], ...leaf(type.element) },
  ];
}

function leaf(type: Primitive): Omit<SchemaElement, 'name'> {
  const decimal = decimalOf(type);
  if (!decimal) return LEAVES[type in LEAVES ? (type as keyof typeof LEAVES) : 'string'];
  return {
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: decimalBytes(decimal.precision),
    converted_type: 'DECIMAL',
    logical_type: { type: 'DECIMAL', ...decimal },
    ...decimal,
  };
}

/** As few as hold every number of that many digits, and a sign. */
function decimalBytes(precision: number): number {
  return Math.ceil((precision * Math.log2(10) + 1) / 8);
}
