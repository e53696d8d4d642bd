import { checkedFrom, type From } from '../../core/log/cursor.ts';
import { checkedStream } from '../../core/log/invalid.ts';
import { type EventBatch, Reading, type ReadingOptions } from '../../core/log/reading.ts';
import type { Clock } from '../../ports/system.ts';
import type { StreamNews } from './news.ts';
import { type ChunkReader, startOf } from './position.ts';

export interface ReplayDeps {
  readonly chunks: ChunkReader;
  readonly clock: Clock;
  /** Of this process's own appends; what others append is looked for. */
  readonly news?: Pick<StreamNews, 'expect'>;
}

export interface ReplayOptions extends ReadingOptions {
  readonly stream: string;
  /** Where to begin; left out: with the first event that is there. */
  readonly fromCursor?: From;
  /** At the stream's end, wait for what comes. */
  readonly follow?: boolean;
  /** Ends the reading between two batches, without an error. */
  readonly signal?: AbortSignal;
}

const CHUNKS_A_PAGE = 100;

/** Who follows looks so often for what other processes append, ms. */
const LOOKS_EVERY_MS = 500;

/**
 * The events of a stream, batch by batch, each once and in order; nothing is read ahead of who takes them.
 * @throws TidemarkError INVALID_INPUT for options that make no sense, and a cursor of another stream or in the future; CURSOR_EXPIRED when
 *   events that should come next are no longer there; otherwise as the store: the last batch's cursor tells where to go on
 */
export async function* replay(deps: ReplayDeps, options: ReplayOptions): AsyncGenerator<EventBatch, void, undefined> {
  const { chunks, clock, news } = deps;
  const { signal, follow = false } = options;
  const stream = checkedStream(options.stream);
  const reading = new Reading(
    stream,
    await startOf(chunks, stream, checkedFrom(options.fromCursor ?? 'earliest', stream, 'fromCursor'), clock.now()),
    options,
  );
  const around = await chunks.at(stream, reading.next);
  if (around) yield* reading.take(around);
  while (!reading.isOver && !signal?.aborted) {
    const growth = news?.expect(stream, signal);
    try {
      const page = await chunks.read(stream, reading.next, CHUNKS_A_PAGE);
      for (const chunk of page) yield* reading.take(chunk);
      yield* reading.rest();
      if (page.length > 0 || reading.isOver) continue;
      if (!follow) return;
      await (growth ? growth.wait(LOOKS_EVERY_MS) : clock.sleep(LOOKS_EVERY_MS, signal));
    } finally {
      growth?.end();
    }
  }
  yield* reading.rest();
}
