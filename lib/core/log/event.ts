/** One change as an application tells it, and as the log keeps it. Source of the shape: requirement E1. */

export const OPERATIONS = ['INSERT', 'UPDATE', 'DELETE'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** An event before it has its place in a stream. */
export interface EventDraft {
  /** Unique within its stream: an append that is sent again finds itself by it. */
  readonly id: string;
  readonly operation: Operation;
  /** The table, collection or resource that changed. */
  readonly collection: string;
  readonly documentId: string;
  /** When it happened, by the clock of whoever tells of it, ms since the epoch. Never decides an order. */
  readonly timestamp: number;
  /** Of an UPDATE or DELETE. */
  readonly before?: Json;
  /** Of an INSERT or UPDATE. */
  readonly after?: Json;
  /** Of an UPDATE: what differs between `before` and `after`, as JSON pointers (RFC 6901), sorted. Computed, never given. */
  readonly changedFields?: readonly string[];
  /** The stream where it began, where it was handed on from there. */
  readonly source?: string;
  readonly correlationId?: string;
}

/** An event at its place in a stream. */
export interface ChangeEvent extends EventDraft {
  /** From 1, without gap or repeat. */
  readonly sequence: number;
}
