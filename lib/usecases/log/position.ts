/** From what a reader asks for to a sequence. */
import { type Chunk, endOf } from '../../core/log/chunk.ts';
import { expired, type From, refuseFuture } from '../../core/log/cursor.ts';
import { invalid } from '../../core/log/invalid.ts';
import { CLOCKS_WITHIN_MS } from '../../core/log/rules.ts';
import { type LogStore, MAX_SEQUENCE } from '../../ports/log-store.ts';

/** Where chunks are read: the hot store, or whatever else answers as it does. */
export type ChunkReader = Pick<LogStore, 'read' | 'at'>;

/**
 * The sequence of the first event that a reading gives.
 * @param now ms since the epoch
 * @throws TidemarkError INVALID_INPUT for a place that the stream has not reached; CURSOR_EXPIRED when events from there on are no longer there
 */
export async function startOf(chunks: ChunkReader, stream: string, from: From, now: number): Promise<number> {
  if (typeof from === 'object' && from.sequence === undefined && from.timestamp > now + CLOCKS_WITHIN_MS)
    throw invalid('fromCursor', `the time ${new Date(from.timestamp).toISOString()} has not come; take 'latest' to begin with what comes`);
  const newest = await chunks.at(stream, MAX_SEQUENCE);
  const next = newest ? endOf(newest) : 1;
  if (from === 'latest') return next;
  if (typeof from === 'object' && from.sequence !== undefined) refuseFuture(from.sequence, next, 'fromCursor');
  const [oldest] = await chunks.read(stream, 1, 1);
  if (!oldest) return next;
  if (from === 'earliest') return oldest.first;
  if (from.sequence === undefined) return (await startAtTime(chunks, stream, oldest, next, from.timestamp)) ?? startOf(chunks, stream, from, now);
  const wanted = from.sequence + 1;
  if (wanted < oldest.first) throw expired(stream, wanted, oldest.first);
  return wanted;
}

/** @returns null when chunks were removed meanwhile: it is to be looked for among what is left */
async function startAtTime(chunks: ChunkReader, stream: string, oldest: Chunk, next: number, timestamp: number): Promise<number | null> {
  const found = await storedSince(chunks, stream, oldest.first, next, timestamp);
  // What was removed before it may have been stored at that time, too.
  if (found === oldest.first && oldest.first > 1) throw expired(stream, 1, oldest.first);
  return found;
}

/**
 * The sequence of the first event that was stored at `timestamp` or later, by halving: a chunk is never older than the one before it.
 * @param from where the first chunk that is there begins @param next behind the last one
 * @returns `next` when all are older; null when a chunk is not there any more that was there at first
 */
export async function storedSince(chunks: ChunkReader, stream: string, from: number, next: number, timestamp: number): Promise<number | null> {
  let low = from;
  let high = next;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const chunk = await chunks.at(stream, middle);
    if (!chunk) return null;
    if (chunk.at >= timestamp) high = Math.max(low, chunk.first);
    else low = Math.max(middle + 1, endOf(chunk));
  }
  return low;
}
