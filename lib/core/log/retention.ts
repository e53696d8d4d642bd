import type { Chunk } from './chunk.ts';
import { KEEP_AT_LEAST_MS } from './rules.ts';

/**
 * How many of a stream's oldest chunks may be removed from the hot store: those that are old enough, and never the newest one, which tells
 * where the next event goes. What an archive must hold before is another's to judge.
 * @param chunks in their order, from the oldest on
 * @param newest the sequence at which the stream's newest chunk begins
 * @param keepMs at least KEEP_AT_LEAST_MS; less counts as that
 * @param now ms since the epoch
 */
export function removable(chunks: readonly Pick<Chunk, 'first' | 'at'>[], newest: number, keepMs: number, now: number): number {
  const oldest = now - Math.max(keepMs, KEEP_AT_LEAST_MS);
  const kept = chunks.findIndex(({ first, at }) => at > oldest || first >= newest);
  return kept === -1 ? chunks.length : kept;
}
