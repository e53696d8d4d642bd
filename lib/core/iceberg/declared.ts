/** Columns that a collection declares: fields of its documents, beside the JSON text that holds all of them. */
import { TidemarkError } from '../errors.ts';
import type { ChangeEvent, Json } from '../log/event.ts';
import { LAST_ENVELOPE_ID } from './envelope.ts';
import type { SchemaChange } from './evolve.ts';
import type { Cell, Schema } from './schema.ts';

export type DeclaredType = 'boolean' | 'int' | 'long' | 'double' | 'string' | 'timestamptz';

export interface DeclaredColumn {
  readonly collection: string;
  /** Of the document, at its top. */
  readonly field: string;
  /** In the table. */
  readonly column: string;
  readonly type: DeclaredType;
}

/** What the table lacks of the declared columns, or holds in a narrower type. */
export function changesFor(schema: Schema, declared: readonly DeclaredColumn[]): readonly SchemaChange[] {
  const known = new Map(schema.fields.map(({ name, type }) => [name, type]));
  const changes: SchemaChange[] = [];
  for (const { column, type } of declared) {
    const now = known.get(column);
    known.set(column, type);
    if (now === undefined) changes.push({ kind: 'add', name: column, type });
    else if (now === 'int' && type === 'long') changes.push({ kind: 'widen', name: column, type });
  }
  return changes;
}

/** A declared column with its place in the table. */
export interface PlacedColumn extends DeclaredColumn {
  readonly id: number;
}

/** @throws TidemarkError INVALID_INPUT where the table holds the column in a type that its values may not fit */
export function placed(schema: Schema, declared: readonly DeclaredColumn[]): readonly PlacedColumn[] {
  return declared.map((one) => {
    const field = schema.fields.find(({ name }) => name === one.column);
    const fits = field && field.id > LAST_ENVELOPE_ID && (field.type === one.type || (field.type === 'long' && one.type === 'int'));
    if (fits) return { ...one, id: field.id };
    const has = field ? `has it as ${typeof field.type === 'string' ? field.type : 'list'}` : 'lacks it';
    throw new TidemarkError(
      'INVALID_INPUT',
      `the column ${JSON.stringify(one.column)} is declared as ${one.type}, and the table ${has}: declare that type, or another name`,
      {
        field: 'columns',
        column: one.column,
      },
    );
  });
}

/** From what the document is after the change, and of a DELETE what it was. What does not fit the type is null: its text is kept anyway. */
export function declaredCell({ collection, field, type }: DeclaredColumn, event: ChangeEvent): Cell {
  const document = event.after ?? event.before ?? null;
  if (event.collection !== collection || document === null || typeof document !== 'object' || Array.isArray(document)) return null;
  const value = new Map<string, Json>(Object.entries(document)).get(field);
  return value === undefined ? null : cellOf(type, value);
}

function cellOf(type: DeclaredType, value: Json): Cell {
  if (type === 'boolean') return typeof value === 'boolean' ? value : null;
  if (type === 'string') return typeof value === 'string' ? value : null;
  if (type === 'timestamptz') {
    // Without a zone it would mean another moment on every machine.
    const ms = typeof value === 'string' && /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(ms) ? null : ms * 1_000;
  }
  if (typeof value !== 'number') return null;
  if (type === 'double') return value;
  const most = type === 'int' ? 0x7fffffff : Number.MAX_SAFE_INTEGER;
  return Number.isInteger(value) && value <= most && value >= -most ? value : null;
}
