import { TidemarkError } from '../errors.ts';
import { checkedStream, invalid } from './invalid.ts';

/** A place in a stream: behind the event of this sequence. */
export interface Cursor {
  readonly stream: string;
  /** 0: before the first event. */
  readonly sequence: number;
  /** When the event of that sequence was stored, ms since the epoch. Tells people where it is, and a reader of the archive where to look. */
  readonly timestamp: number;
}

/**
 * Where a reading begins: behind `sequence`, or with the first event that was stored at `timestamp` or later. Where both are given, as a
 * batch's cursor has them, the sequence decides.
 */
export type From =
  | 'earliest'
  | 'latest'
  | { readonly stream?: string; readonly sequence: number; readonly timestamp?: number }
  | { readonly stream?: string; readonly timestamp: number; readonly sequence?: undefined };

/** Where a reading ends: with `sequence`, or with the last event that was stored before `timestamp`. */
export type To = Exclude<From, string>;

/** @throws TidemarkError INVALID_INPUT for what is no cursor, or one of another stream */
export function checkedFrom(value: unknown, stream: string, field: string): From {
  if (value === 'earliest' || value === 'latest') return value;
  return checkedTo(value, stream, field);
}

/** @throws as checkedFrom */
export function checkedTo(value: unknown, stream: string, field: string): To {
  if (typeof value !== 'object' || value === null) throw invalid(field, 'expected a cursor as a batch has it, or {sequence} or {timestamp}');
  const given: { readonly stream?: unknown; readonly sequence?: unknown; readonly timestamp?: unknown } = value;
  if (given.stream !== undefined && given.stream !== stream)
    throw invalid(field, `it is a cursor of the stream ${String(given.stream)}, not of ${stream}; take one that this stream gave`);
  const timestamp = given.timestamp === undefined ? undefined : wholeNumber(given.timestamp, `${field}.timestamp`);
  if (given.sequence !== undefined)
    return { sequence: wholeNumber(given.sequence, `${field}.sequence`), ...(timestamp === undefined ? {} : { timestamp }) };
  if (timestamp === undefined) throw invalid(field, 'expected a sequence or a timestamp, got neither');
  return { timestamp };
}

/** @throws TidemarkError INVALID_INPUT for what is no cursor of this stream */
export function checkedCursor(value: unknown, stream: string): Cursor {
  const { sequence, timestamp } = checkedTo(value, stream, 'cursor');
  if (sequence === undefined || timestamp === undefined) throw invalid('cursor', 'expected one as a batch has it, with sequence and timestamp');
  return { stream: checkedStream(stream), sequence, timestamp };
}

/** @throws TidemarkError INVALID_INPUT for a sequence that the stream has not reached @param next the one that its next event gets */
export function refuseFuture(sequence: number, next: number, field: string): void {
  if (sequence >= next)
    throw invalid(field, `the stream ends at ${next - 1}, and ${sequence} lies behind it; take 'latest' to begin with what comes`);
}

/** What a reader says of events that were there, and are not in the store any more. @param oldest the sequence of the first event that is there */
export function expired(stream: string, wanted: number, oldest: number): TidemarkError {
  return new TidemarkError('CURSOR_EXPIRED', `the events ${wanted} to ${oldest - 1} of the stream ${stream} are no longer in the hot store`, {
    stream,
    wanted,
    oldest,
  });
}

function wholeNumber(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(field, `expected a whole number from 0 on, got ${String(value)}`);
}
