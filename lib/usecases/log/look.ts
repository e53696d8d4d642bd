import type { Moment } from '../../core/gateway/lease.ts';
import { absorbed, type Tail } from '../../core/log/append.ts';
import { endOf } from '../../core/log/chunk.ts';
import { RecentIds } from '../../core/log/recent-ids.ts';
import { type LogStore, MAX_SEQUENCE } from '../../ports/log-store.ts';

export const CHUNKS_A_PAGE = 100;

/**
 * The end of a stream, and the ids of its newest `window` events, or of as many as are there.
 * @param asked the moment before
 * @throws TidemarkError as LogStore
 */
export async function lookAtEnd(store: LogStore, stream: string, window: number, asked: Moment): Promise<Tail> {
  const newest = await store.at(stream, MAX_SEQUENCE);
  let tail: Tail = { next: 1, at: 0, seen: asked, recent: new RecentIds(window) };
  if (!newest) return tail;
  const end = endOf(newest);
  const oldest = Math.max(1, end - window);
  const first = await store.at(stream, oldest);
  for (let from = first?.first ?? oldest; from < newest.first; from = tail.next) {
    const chunks = await store.read(stream, from, CHUNKS_A_PAGE);
    for (const chunk of chunks) if (chunk.first < newest.first) tail = absorbed(tail, chunk);
    if (chunks.length === 0 || (chunks.at(-1)?.first ?? 0) >= newest.first) break;
  }
  return absorbed(tail, newest);
}
