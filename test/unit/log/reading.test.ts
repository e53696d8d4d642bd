import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moved } from '../../../lib/core/log/checkpoint.ts';
import { type Chunk, chunkOf, endOf, eventsIn } from '../../../lib/core/log/chunk.ts';
import { checkedCursor, checkedFrom, type To } from '../../../lib/core/log/cursor.ts';
import { type EventBatch, Reading, type ReadingOptions } from '../../../lib/core/log/reading.ts';
import { RecentIds } from '../../../lib/core/log/recent-ids.ts';
import { removable } from '../../../lib/core/log/retention.ts';
import { KEEP_AT_LEAST_MS } from '../../../lib/core/log/rules.ts';
import { startOf, storedSince } from '../../../lib/usecases/log/position.ts';
import { aWritten } from '../../fixtures/log-events.ts';

const COLLECTIONS = ['a', 'b', 'c'];

/** Chunks of so many events each, from 1 on; stored a second after each other. */
function chunksOf(counts: readonly number[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (const count of counts) {
    const before = chunks.at(-1);
    const first = before ? endOf(before) : 1;
    const events = Array.from({ length: count }, (_, n) => aWritten({ id: `e${first + n}`, collection: COLLECTIONS[(first + n) % 3] ?? '' }));
    chunks.push(chunkOf('s', first, 1_000 * (chunks.length + 1), `b${first}`, events));
  }
  return chunks;
}

function readAll(chunks: readonly Chunk[], next: number, options: ReadingOptions): readonly EventBatch[] {
  const reading = new Reading('s', next, options);
  return [...chunks.flatMap((chunk) => [...reading.take(chunk)]), ...reading.rest()];
}

describe('a reading', () => {
  it('gives each event once and in order, whatever the chunks, the batches and the filter', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });
    const wanted = fc.option(fc.subarray(COLLECTIONS), { nil: undefined });
    fc.assert(
      fc.property(
        counts,
        fc.nat(),
        fc.integer({ min: 1, max: 7 }),
        wanted,
        fc.option(fc.nat(60), { nil: undefined }),
        (sizes, seed, batchSize, collections, to) => {
          const chunks = chunksOf(sizes);
          const all = chunks.flatMap((chunk) => eventsIn(chunk));
          const next = 1 + (seed % all.length);
          const batches = readAll(chunks, next, {
            batchSize,
            ...(collections ? { collections } : {}),
            ...(to === undefined ? {} : { toCursor: { sequence: to } }),
          });

          const due = all.filter(({ sequence }) => sequence >= next && sequence <= (to ?? sequence));
          expect(batches.flatMap(({ events }) => events)).toEqual(due.filter(({ collection }) => collections?.includes(collection) !== false));
          expect(batches.at(-1)?.cursor.sequence).toBe(due.at(-1)?.sequence);
          for (const [index, { events, cursor }] of batches.entries()) {
            expect(events.length).toBeLessThanOrEqual(batchSize);
            expect(cursor.sequence).toBeGreaterThanOrEqual(events.at(-1)?.sequence ?? 0);
            expect(batches[index + 1]?.events[0]?.sequence ?? Number.POSITIVE_INFINITY).toBeGreaterThan(cursor.sequence);
          }
        },
      ),
    );
  });

  it('goes on at any cursor as if it had not been interrupted', () => {
    const chunks = chunksOf([3, 1, 8, 5]);
    const all = readAll(chunks, 1, { batchSize: 4, operations: ['INSERT'] });
    for (const [index, { cursor }] of all.entries()) {
      const rest = readAll(chunks, cursor.sequence + 1, { batchSize: 4 });
      expect(rest.flatMap(({ events }) => events)).toEqual(all.slice(index + 1).flatMap(({ events }) => events));
    }
  });

  it('tells how far it has come where the filter lets nothing through', () => {
    expect(readAll(chunksOf([4, 4]), 1, { collections: ['none'] })).toEqual([{ events: [], cursor: { stream: 's', sequence: 8, timestamp: 2_000 } }]);
  });

  it('ends before the first event that was stored at the time it is given', () => {
    const until = (timestamp: number): number | undefined => readAll(chunksOf([2, 3, 4]), 1, { toCursor: { timestamp } }).at(-1)?.cursor.sequence;

    expect([0, 1_000, 1_001, 2_000, 3_000, 3_001].map(until)).toEqual([undefined, undefined, 2, 2, 5, 9]);
  });

  it('does not pass over what is missing', () => {
    const [first, , third] = chunksOf([2, 3, 4]);

    expect(() =>
      readAll(
        [first, third].filter((chunk) => chunk !== undefined),
        1,
        {},
      ),
    ).toThrow(expect.objectContaining({ code: 'CURSOR_EXPIRED', fields: { stream: 's', wanted: 3, oldest: 6 } }));
  });

  it.each([
    [{ batchSize: 0 }, 'batchSize'],
    [{ batchSize: 10_001 }, 'batchSize'],
    [{ operations: ['UPSERT'] }, 'operations'],
    [{ toCursor: { stream: 't', sequence: 1 } }, 'toCursor'],
    [{ toCursor: {} }, 'toCursor'],
  ])('refuses %o', (options, field) => {
    expect(() => new Reading('s', 1, options as ReadingOptions)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', fields: { field } }));
  });
});

describe('a chunk', () => {
  it.each(['', '{}', '[{}', '[{}]', '[{},{},{}]'])('that holds %s is told by its name', (events) => {
    expect(() => eventsIn({ stream: 's', first: 7, count: 2, at: 1, batch: 'b', events })).toThrow(
      expect.objectContaining({ code: 'INTEGRITY', fields: { stream: 's', first: 7 } }),
    );
  });
});

describe('a time', () => {
  it('is found by halving, in few readings', async () => {
    const sizes = Array.from({ length: 300 }, (_, n) => 1 + (n % 7));
    const chunks = chunksOf(sizes);
    const next = endOf(chunks.at(-1) ?? { first: 0, count: 1 });
    let reads = 0;
    const at = async (_: string, sequence: number): Promise<Chunk | null> => {
      reads++;
      return chunks.findLast(({ first }) => first <= sequence) ?? null;
    };
    for (const [index, { first }] of chunks.entries()) {
      reads = 0;
      expect(await storedSince({ at, read: async () => [] }, 's', 1, next, 1_000 * (index + 1))).toBe(first);
      expect(await storedSince({ at, read: async () => [] }, 's', 1, next, 1_000 * (index + 1) - 1)).toBe(first);
      expect(reads).toBeLessThanOrEqual(22);
    }
    expect(await storedSince({ at, read: async () => [] }, 's', 1, next, 1_000_000)).toBe(next);
  });
});

describe('a time that is looked for while chunks are removed', () => {
  it.each([
    [2_000, 'CURSOR_EXPIRED'],
    [3_000, 'CURSOR_EXPIRED'],
    [3_500, 7],
  ])('of %d is found in what is left, or told to be gone: %s', async (timestamp, expected) => {
    const chunks = [...chunksOf([2, 2, 2, 2])];
    const there = {
      read: async () => chunks.slice(0, 1),
      at: async (_: string, sequence: number) => {
        const found = chunks.findLast(({ first }) => first <= sequence) ?? null;
        // Right behind the look at the oldest one and the newest.
        if (sequence < 7) chunks.splice(0, chunks.length - 2);
        return sequence < 7 ? (chunks.findLast(({ first }) => first <= sequence) ?? null) : found;
      },
    };

    expect(await startOf(there, 's', { timestamp }, 10_000).catch(({ code }) => code)).toBe(expected);
  });
});

describe('a cursor', () => {
  it.each([null, 'last', {}, { sequence: -1 }, { sequence: 1.5 }, { timestamp: 'now' }, { stream: 't', sequence: 1 }])('%o is refused', (value) => {
    expect(() => checkedFrom(value, 's', 'fromCursor')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });

  it('is taken as a batch has it, or by one of its halves', () => {
    const takes = (value: unknown): unknown => checkedFrom(value, 's', 'fromCursor');

    expect(takes({ stream: 's', sequence: 3, timestamp: 4 })).toEqual({ sequence: 3, timestamp: 4 });
    expect(takes({ sequence: 0 })).toEqual({ sequence: 0 });
    expect(takes({ timestamp: 4 })).toEqual({ timestamp: 4 } satisfies To);
    expect(takes('earliest')).toBe('earliest');
    expect(() => checkedCursor({ sequence: 1 }, 's')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});

describe('a checkpoint', () => {
  const cursor = (sequence: number) => ({ stream: 's', sequence, timestamp: sequence });

  it('moves forward, and back by force alone', () => {
    const first = moved(null, 'r', cursor(5), 100, false);
    expect(first).toEqual({ subscriberId: 'r', cursor: cursor(5), createdAt: 100, updatedAt: 100, version: 1 });
    expect(moved(first, 'r', cursor(6), 90, false)).toEqual({ subscriberId: 'r', cursor: cursor(6), createdAt: 100, updatedAt: 100, version: 2 });
    expect(moved(first, 'r', cursor(5), 200, false)).toBeNull();
    expect(() => moved(first, 'r', cursor(4), 200, false)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_BEHIND' }));
    expect(moved(first, 'r', cursor(4), 200, true)?.cursor).toEqual(cursor(4));
  });
});

describe('what may be removed', () => {
  it('is old, the oldest first, and never the newest chunk', () => {
    const now = 10 * KEEP_AT_LEAST_MS;
    const chunks = [1, 2, 3, 9].map((hours, index) => ({ first: index + 1, at: now - (10 - hours) * KEEP_AT_LEAST_MS }));

    expect(removable(chunks, 4, 8 * KEEP_AT_LEAST_MS, now)).toBe(2);
    expect(removable(chunks, 4, 0, now)).toBe(3);
    expect(removable(chunks, 2, 0, now)).toBe(1);
    expect(removable(chunks, 4, 0, now + 9 * KEEP_AT_LEAST_MS)).toBe(3);
  });
});

describe('the ids that are remembered', () => {
  it('are at least the newest of the window, and never more than twice as many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100 }), (window, count) => {
        const ids = new RecentIds(window);
        for (let sequence = 1; sequence <= count; sequence++) ids.add(`e${sequence}`, sequence);
        for (let sequence = Math.max(1, count - window + 1); sequence <= count; sequence++) expect(ids.find(`e${sequence}`)).toBe(sequence);
        expect(ids.size).toBeLessThanOrEqual(2 * window);
      }),
    );
  });
});
