/** An event as a row, and a row as an event. The ids are for ever: they are what older files are read by. */
import type { ChangeEvent, Json } from '../log/event.ts';
import { OPERATIONS } from '../log/event.ts';
import type { Cell, Columns, Field, Schema } from './schema.ts';

/** An event with the moment at which the log stored it, ms since the epoch. */
export interface StoredEvent {
  readonly event: ChangeEvent;
  readonly stored: number;
}

export const FIELD = {
  id: 1,
  operation: 2,
  collection: 3,
  documentId: 4,
  timestamp: 5,
  sequence: 6,
  stored: 7,
  source: 8,
  correlationId: 9,
  changedFields: 10,
  before: 12,
  after: 13,
} as const;

/** The element of `changedFields` has an id of its own. */
const CHANGED_FIELD = 11;
export const LAST_ENVELOPE_ID = 13;
const MICROS = 1_000;

const required = (id: number, name: string, type: Field['type']): Field => ({ id, name, required: true, type });
const optional = (id: number, name: string, type: Field['type']): Field => ({ id, name, required: false, type });

export const ENVELOPE: Schema = {
  type: 'struct',
  'schema-id': 0,
  fields: [
    required(FIELD.id, 'id', 'string'),
    required(FIELD.operation, 'operation', 'string'),
    required(FIELD.collection, 'collection', 'string'),
    required(FIELD.documentId, 'documentId', 'string'),
    required(FIELD.timestamp, 'timestamp', 'timestamptz'),
    required(FIELD.sequence, 'sequence', 'long'),
    required(FIELD.stored, 'stored', 'timestamptz'),
    optional(FIELD.source, 'source', 'string'),
    optional(FIELD.correlationId, 'correlationId', 'string'),
    optional(FIELD.changedFields, 'changedFields', { type: 'list', 'element-id': CHANGED_FIELD, element: 'string', 'element-required': true }),
    optional(FIELD.before, 'before', 'string'),
    optional(FIELD.after, 'after', 'string'),
  ],
};

/** A row as cells: those of the envelope's fields in their order, then those of declared columns. */
export type Row = readonly Cell[];

export function toRow({ event, stored }: StoredEvent): Row {
  return [
    event.id,
    event.operation,
    event.collection,
    event.documentId,
    event.timestamp * MICROS,
    event.sequence,
    stored * MICROS,
    event.source ?? null,
    event.correlationId ?? null,
    event.changedFields ?? null,
    jsonText(event.before),
    jsonText(event.after),
  ];
}

/** About the memory that a row takes. */
export function rowBytes(row: Row): number {
  let bytes = 0;
  for (const cell of row) bytes += typeof cell === 'string' ? cell.length : 8;
  return bytes;
}

/** @param declared field ids of the cells behind the envelope's */
export function toColumns(rows: readonly Row[], declared: readonly number[]): Columns {
  const ids = [...ENVELOPE.fields.map(({ id }) => id), ...declared];
  return { rows: rows.length, byId: new Map(ids.map((id, at) => [id, rows.map((row) => row[at] ?? null)])) };
}

/** @throws Error where a cell is not what the envelope says: the file was not written by the archive, or is damaged */
export function toEvents({ rows, byId }: Columns): StoredEvent[] {
  const cell = (id: number, at: number) => byId.get(id)?.[at] ?? null;
  return Array.from({ length: rows }, (_, at) => {
    const changed = cell(FIELD.changedFields, at);
    const before = cell(FIELD.before, at);
    const after = cell(FIELD.after, at);
    const source = cell(FIELD.source, at);
    const correlationId = cell(FIELD.correlationId, at);
    return {
      stored: whole(cell(FIELD.stored, at), 'stored') / MICROS,
      event: {
        id: text(cell(FIELD.id, at), 'id'),
        operation: operation(cell(FIELD.operation, at)),
        collection: text(cell(FIELD.collection, at), 'collection'),
        documentId: text(cell(FIELD.documentId, at), 'documentId'),
        timestamp: whole(cell(FIELD.timestamp, at), 'timestamp') / MICROS,
        sequence: whole(cell(FIELD.sequence, at), 'sequence'),
        ...(before === null ? {} : { before: json(before, 'before') }),
        ...(after === null ? {} : { after: json(after, 'after') }),
        ...(changed === null ? {} : { changedFields: texts(changed) }),
        ...(source === null ? {} : { source: text(source, 'source') }),
        ...(correlationId === null ? {} : { correlationId: text(correlationId, 'correlationId') }),
      },
    };
  });
}

// What is absent and what is null are two things: null is the text `null`.
function jsonText(value: Json | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function json(cell: Cell, column: string): Json {
  const parsed: Json = JSON.parse(text(cell, column));
  return parsed;
}

function text(cell: Cell, column: string): string {
  if (typeof cell !== 'string') throw new Error(`column ${column} holds ${cell === null ? 'null' : typeof cell} where text belongs`);
  return cell;
}

function texts(cell: Cell): string[] {
  if (!Array.isArray(cell)) throw new Error('column changedFields holds no list');
  return cell.map((one) => text(one, 'changedFields'));
}

function whole(cell: Cell, column: string): number {
  if (typeof cell !== 'number') throw new Error(`column ${column} holds ${cell === null ? 'null' : typeof cell} where a number belongs`);
  return cell;
}

function operation(cell: Cell): ChangeEvent['operation'] {
  const found = OPERATIONS.find((one) => one === cell);
  if (!found) throw new Error(`column operation holds ${JSON.stringify(String(cell))}`);
  return found;
}
