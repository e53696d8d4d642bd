import { TidemarkError } from '../errors.ts';
import type { Written } from './draft.ts';
import type { ChangeEvent, EventDraft } from './event.ts';

/** A run of events, stored as one: its place is (stream, first). Never changed. */
export interface Chunk {
  readonly stream: string;
  /** The sequence of its first event; the others follow one by one. */
  readonly first: number;
  readonly count: number;
  /** When it was stored, ms since the epoch, by the clock of its appender; never before that of the chunk before it. */
  readonly at: number;
  /** Whose put it was: unique to what was put together, and the same when that is put again. */
  readonly batch: string;
  /** The drafts, as a JSON array. */
  readonly events: string;
}

/** @param events at least one */
export function chunkOf(stream: string, first: number, at: number, batch: string, events: readonly Written[]): Chunk {
  return { stream, first, count: events.length, at, batch, events: `[${events.map(({ text }) => text).join(',')}]` };
}

/** The sequence behind its last event. */
export function endOf({ first, count }: Pick<Chunk, 'first' | 'count'>): number {
  return first + count;
}

/** Its events with their places. @throws TidemarkError INTEGRITY for a chunk that does not hold what it says */
export function eventsIn(chunk: Chunk): readonly ChangeEvent[] {
  return draftsIn(chunk).map((draft, index) => Object.assign(draft, { sequence: chunk.first + index }));
}

function draftsIn(chunk: Chunk): readonly EventDraft[] {
  let drafts: unknown;
  try {
    drafts = JSON.parse(chunk.events);
  } catch (error) {
    throw damaged(chunk, 'is no JSON', error);
  }
  if (!Array.isArray(drafts) || drafts.length !== chunk.count) throw damaged(chunk, `does not hold its ${chunk.count} events`);
  return drafts;
}

function damaged({ stream, first }: Chunk, how: string, cause?: unknown): TidemarkError {
  return new TidemarkError(
    'INTEGRITY',
    `the chunk at ${first} of the stream ${stream} ${how}; take it from a backup or the archive`,
    { stream, first },
    cause,
  );
}
