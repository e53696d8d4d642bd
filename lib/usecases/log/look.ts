import { TidemarkError } from '../../core/errors.ts';
import type { Moment } from '../../core/gateway/lease.ts';
import { absorbed, type Tail } from '../../core/log/append.ts';
import { endOf } from '../../core/log/chunk.ts';
import { RecentIds } from '../../core/log/recent-ids.ts';
import { type LogStore, MAX_SEQUENCE } from '../../ports/log-store.ts';

export const CHUNKS_A_PAGE = 100;

const TRIES = 3;

/**
 * The end of a stream, and the ids of its newest `window` events, or of as many as are there.
 * @param asked the moment before
 * @throws TidemarkError as LogStore; UNAVAILABLE when chunks were removed faster than they were read
 */
export async function lookAtEnd(store: LogStore, stream: string, window: number, asked: Moment): Promise<Tail> {
  const newest = await store.at(stream, MAX_SEQUENCE);
  if (!newest) return { next: 1, at: 0, seen: asked, recent: new RecentIds(window) };
  for (let tries = 1; tries <= TRIES; tries++) {
    const tail = await readUpTo(store, stream, window, endOf(newest), asked);
    if (tail) return tail;
  }
  throw new TidemarkError('UNAVAILABLE', `chunks of the stream ${stream} are removed faster than they are read`, { stream });
}

/** @returns null when a chunk was removed meanwhile that had not been read */
async function readUpTo(store: LogStore, stream: string, window: number, end: number, asked: Moment): Promise<Tail | null> {
  const oldest = Math.max(1, end - window);
  const first = await store.at(stream, oldest);
  let tail: Tail = { next: first?.first ?? oldest, at: 0, seen: asked, recent: new RecentIds(window) };
  for (let isFirst = true; tail.next < end; ) {
    const chunks = await store.read(stream, tail.next, CHUNKS_A_PAGE);
    for (const chunk of chunks) {
      if (chunk.first !== tail.next && !isFirst) return null;
      isFirst = false;
      tail = absorbed(tail, chunk);
    }
    if (chunks.length === 0) return null;
  }
  return tail;
}
