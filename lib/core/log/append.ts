/**
 * One batch on its way into a stream. The appender (lib/usecases/log/appender.ts) asks `nextStep` what to do, does it, and tells what came of it.
 *
 *              looked                too old
 *   looking ──────────► ready ───────────────────────► behind ◄──┐ read from tail.next:
 *      ▲                │  ▲                            ▲  │ └───┘ something is there
 *      │            put │  │ nothing is there           │  │
 *      │                │  └────────────────────────────┼──┤
 *      │                ▼                       refused,│  │ nothing is there, and a put was not answered
 *      │ given up   putting ────────────────────────────┘  │
 *      └────────────  │ ▲ ▲───────────────────────────────┘
 *                     │ └─┘ no answer: the same put once more
 *                     ▼ stored
 *                   ready
 */
import { atMost, type Moment } from '../gateway/lease.ts';
import { type Chunk, chunkOf, endOf, eventsIn } from './chunk.ts';
import type { Written } from './draft.ts';
import type { RecentIds } from './recent-ids.ts';
import { TAIL_GOOD_MS } from './rules.ts';

/** What is put together: it keeps its id and its events however often it is tried. */
export interface Batch {
  readonly stream: string;
  readonly id: string;
  readonly events: readonly Written[];
  /** None of the events stands before it; absent: they are sent for the first time. Where more was appended since than is remembered, nobody can tell. */
  readonly since?: number;
}

/** The end of a stream as its appender knows it. */
export interface Tail {
  /** The sequence that the next event gets. */
  readonly next: number;
  /** Of the newest chunk; 0: there is none. */
  readonly at: number;
  /** The moment before the request was sent that showed nothing at `next`. */
  readonly seen: Moment;
  /** Of all events before `next`; it grows with the tail. */
  readonly recent: RecentIds;
}

export type AppendState =
  /** Nothing is known of the stream. */
  | { readonly is: 'looking' }
  | { readonly is: 'ready'; readonly tail: Tail }
  /** The chunk was sent, and may be there, or come there yet. */
  | { readonly is: 'putting'; readonly tail: Tail; readonly chunk: Chunk }
  /** Others may have appended; what was sent and not answered is kept. */
  | { readonly is: 'behind'; readonly tail: Tail; readonly chunk: Chunk | null };

export type AppendStep =
  | { readonly do: 'look' }
  | { readonly do: 'read'; readonly from: number }
  | { readonly do: 'put'; readonly chunk: Chunk }
  /** Every event of the batch has its place. */
  | { readonly do: 'nothing' }
  /** More was appended since it set out than is remembered: it may be among that. */
  | { readonly do: 'refuse' };

/** Where the events of one batch stand, as far as that is known: by id. */
export type Places = Map<string, number>;

/** Before each step: what is known too long is not acted on. */
export function considered(state: AppendState, now: Moment): AppendState {
  if (state.is !== 'ready' && state.is !== 'putting') return state;
  if (atMost(state.tail.seen, now) <= TAIL_GOOD_MS) return state;
  return { is: 'behind', tail: state.tail, chunk: state.is === 'putting' ? state.chunk : null };
}

/** @param places is told of those events that stand there already @param now ms since the epoch */
export function nextStep(state: AppendState, batch: Batch, places: Places, now: number): AppendStep {
  switch (state.is) {
    case 'looking':
      return { do: 'look' };
    case 'behind':
      return { do: 'read', from: state.tail.next };
    case 'putting':
      return { do: 'put', chunk: state.chunk };
    case 'ready': {
      const { next, at, recent } = state.tail;
      const fresh = unplaced(batch.events, places, recent);
      if (fresh.length === 0) return { do: 'nothing' };
      if (batch.since !== undefined && next - batch.since > recent.window) return { do: 'refuse' };
      return { do: 'put', chunk: chunkOf(batch.stream, next, Math.max(at, now), batch.id, fresh) };
    }
  }
}

/** The put is about to be sent. */
export function sending(state: AppendState, chunk: Chunk): AppendState {
  return state.is === 'ready' ? { is: 'putting', tail: state.tail, chunk } : state;
}

/** @param asked the moment before the put was sent */
export function stored(state: AppendState, batch: Batch, places: Places, asked: Moment): AppendState {
  if (state.is !== 'putting') return state;
  const { tail, chunk } = state;
  const fresh = unplaced(batch.events, places, tail.recent);
  for (const [index, { id }] of fresh.entries()) {
    tail.recent.add(id, chunk.first + index);
    places.set(id, chunk.first + index);
  }
  return { is: 'ready', tail: { ...tail, next: endOf(chunk), at: chunk.at, seen: asked } };
}

/** Something is at the place: of somebody else, or of ourselves. */
export function refused(state: AppendState): AppendState {
  return state.is === 'putting' ? { is: 'behind', tail: state.tail, chunk: null } : state;
}

/**
 * @param chunks what was read from `tail.next` on; empty: there is nothing
 * @param asked the moment before it was asked for
 */
export function caughtUp(state: AppendState, batch: Batch, places: Places, chunks: readonly Chunk[], asked: Moment): AppendState {
  if (state.is !== 'behind') return state;
  if (chunks.length === 0) {
    const tail = { ...state.tail, seen: asked };
    return state.chunk ? { is: 'putting', tail, chunk: state.chunk } : { is: 'ready', tail };
  }
  let { tail } = state;
  for (const chunk of chunks) {
    tail = absorbed(tail, chunk);
    if (chunk.batch === batch.id) for (const { id, sequence } of eventsIn(chunk)) places.set(id, sequence);
  }
  // Whether more is there, the next reading tells.
  return { is: 'behind', tail, chunk: null };
}

/** The tail behind one more chunk. Where chunks before it were removed, their ids are nobody's to find any more. */
export function absorbed(tail: Tail, chunk: Chunk): Tail {
  for (const { id, sequence } of eventsIn(chunk)) tail.recent.add(id, sequence);
  return { ...tail, next: endOf(chunk), at: chunk.at };
}

/** Those that stand nowhere yet, each once; `places` learns of the others. */
function unplaced(events: readonly Written[], places: Places, recent: RecentIds): readonly Written[] {
  const fresh = new Map<string, Written>();
  for (const event of events) {
    if (places.has(event.id)) continue;
    const known = recent.find(event.id);
    if (known !== undefined) places.set(event.id, known);
    else if (!fresh.has(event.id)) fresh.set(event.id, event);
  }
  return [...fresh.values()];
}
