/** From what an application tells to an event that may be appended. */
import { changedFields } from './changed-fields.ts';
import { type EventDraft, type Json, OPERATIONS, type Operation } from './event.ts';
import { checkedName, invalid } from './invalid.ts';
import { checkedJson } from './json.ts';
import { MAX_APPEND_BYTES, MAX_APPEND_EVENTS, MAX_EVENT_BYTES } from './rules.ts';

/** What is told of a change; `changedFields` is computed. */
export type Told = Omit<EventDraft, 'changedFields'>;

/** An event as its chunk will hold it. */
export interface Written {
  readonly id: string;
  /** The draft as JSON. */
  readonly text: string;
  /** Of the text in UTF-8. */
  readonly bytes: number;
}

const MAX_ID = 256;
const MAX_NAME = 1_024;
const MAX_TIME = 8.64e15;

/** @throws TidemarkError INVALID_INPUT that names the field */
export function draftOf(told: { readonly [Field in keyof Told]?: unknown }): EventDraft {
  const operation = operationOf(told.operation);
  const before = stateOf(told.before, 'before', operation === 'INSERT', operation);
  const after = stateOf(told.after, 'after', operation === 'DELETE', operation);
  const isCompared = operation === 'UPDATE' && before !== undefined && after !== undefined;
  return {
    id: checkedName(told.id, 'id', MAX_ID),
    operation,
    collection: checkedName(told.collection, 'collection', MAX_NAME),
    documentId: checkedName(told.documentId, 'documentId', MAX_NAME),
    timestamp: timeOf(told.timestamp),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(isCompared ? { changedFields: changedFields(before, after) } : {}),
    ...(told.source === undefined ? {} : { source: checkedName(told.source, 'source', MAX_NAME) }),
    ...(told.correlationId === undefined ? {} : { correlationId: checkedName(told.correlationId, 'correlationId', MAX_NAME) }),
  };
}

/** @throws TidemarkError INVALID_INPUT for an event of more than 350 KB */
export function written(draft: EventDraft): Written {
  const text = JSON.stringify(draft);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_EVENT_BYTES)
    throw invalid('event', `${bytes} bytes as JSON, and at most ${MAX_EVENT_BYTES} fit; keep what is large elsewhere and refer to it`);
  return { id: draft.id, text, bytes };
}

/** @throws TidemarkError INVALID_INPUT for no events, more than 500, or more than 1 MiB */
export function checkAppend(events: readonly Written[]): void {
  if (events.length === 0) throw invalid('events', `expected 1 to ${MAX_APPEND_EVENTS}, got none`);
  if (events.length > MAX_APPEND_EVENTS)
    throw invalid('events', `expected 1 to ${MAX_APPEND_EVENTS}, got ${events.length}; send them in several appends`);
  const bytes = events.reduce((sum, event) => sum + event.bytes, 0);
  if (bytes > MAX_APPEND_BYTES) throw invalid('events', `${bytes} bytes as JSON, and at most ${MAX_APPEND_BYTES} fit; send them in several appends`);
}

function operationOf(value: unknown): Operation {
  const operation = OPERATIONS.find((known) => known === value);
  if (operation === undefined) throw invalid('operation', `expected ${OPERATIONS.join(', ')}, got ${shown(value)}`);
  return operation;
}

function stateOf(value: unknown, field: 'before' | 'after', isForeign: boolean, operation: Operation): Json | undefined {
  if (value === undefined) return undefined;
  if (isForeign) throw invalid(field, `an event of ${operation} has none; leave it out`);
  return checkedJson(value, field);
}

function timeOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > MAX_TIME)
    throw invalid('timestamp', `expected whole milliseconds since 1970, got ${shown(value)}`);
  return value;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
}
