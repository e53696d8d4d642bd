/** What every store of the log must do. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { SystemIds } from '../../lib/adapters/system/ids.ts';
import { type Chunk, endOf, eventsIn } from '../../lib/core/log/chunk.ts';
import { DEDUPE_EVENTS, MAX_CHUNK_BYTES } from '../../lib/core/log/rules.ts';
import { type CheckpointStore, type LogStore, MAX_SEQUENCE } from '../../lib/ports/log-store.ts';
import { Appender } from '../../lib/usecases/log/appender.ts';
import { saveCheckpoint } from '../../lib/usecases/log/checkpoints.ts';
import { aWritten } from '../fixtures/log-events.ts';

export interface LogUnderTest {
  readonly log: LogStore;
  /** The same, as another process reaches it. */
  readonly other: LogStore;
  readonly checkpoints: CheckpointStore;
  readonly otherCheckpoints: CheckpointStore;
  readonly dispose: () => unknown;
}

const STREAM = 'https://crm.example.com/acme#é';

function aChunk(first: number, { count = 1, stream = STREAM, batch = `batch ${first}`, text = '"x"' } = {}): Chunk {
  return { stream, first, count, at: 1_800_000_000_000 + first, batch, events: `[${text}]` };
}

export function logStoreContract(name: string, create: () => Promise<LogUnderTest>): void {
  describe(`store of the log: ${name}`, () => {
    let test: LogUnderTest;
    let log: LogStore;
    let other: LogStore;
    beforeEach(async () => {
      test = await create();
      ({ log, other } = test);
    });
    afterEach(() => test.dispose());

    it('is empty at first', async () => {
      expect(await log.read(STREAM, 1, 10)).toEqual([]);
      expect(await log.at(STREAM, MAX_SEQUENCE)).toBeNull();
      expect(await log.streams('', 10)).toEqual([]);
    });

    it('gives back what was put, byte by byte', async () => {
      const chunks = [aChunk(1, { text: JSON.stringify('é \u{10000} \u0000 "') }), aChunk(2, { text: JSON.stringify('z'.repeat(3_000)) })];
      for (const chunk of chunks) expect(await log.put(chunk)).toBe(true);

      expect(await other.read(STREAM, 1, 10)).toEqual(chunks);
    });

    it('holds a chunk as large as one may be, of what cannot be made smaller', async () => {
      const text = JSON.stringify(randomBytes((MAX_CHUNK_BYTES / 4) * 3).toString('base64')).slice(0, MAX_CHUNK_BYTES - 3);
      const chunk = aChunk(1, { text: `${text}"` });
      await log.put(chunk);

      expect(await other.at(STREAM, 1)).toEqual(chunk);
    });

    it('takes one chunk a place, and says so to whoever comes second', async () => {
      const [ours, theirs] = [aChunk(1, { count: 2 }), aChunk(1, { batch: 'theirs' })];
      expect(await log.put(ours)).toBe(true);

      expect(await other.put(theirs)).toBe(false);
      expect(await log.put(ours)).toBe(false);
      expect(await other.put(aChunk(1, { stream: 'another stream' }))).toBe(true);
      expect(await log.read(STREAM, 1, 10)).toEqual([ours]);
    });

    it('lets one of many in, who all saw the same end', async () => {
      const puts = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? log : other).put(aChunk(1, { batch: `process ${n}` })));

      expect((await Promise.all(puts)).filter((won) => won)).toHaveLength(1);
    });

    it('reads from any place on, in order, and no more than was asked for', async () => {
      const firsts = [1, 2, 9, 10, 11, 99, 100, 255, 256, 257, 70_000];
      for (const first of firsts.toReversed()) await log.put(aChunk(first));

      for (const from of [1, 2, 3, 10, 100, 256, 70_000, 70_001]) {
        const behind = firsts.filter((first) => first >= from);
        const read = async (limit: number): Promise<readonly number[]> => (await other.read(STREAM, from, limit)).map(({ first }) => first);
        expect(await read(100), `from ${from}`).toEqual(behind);
        expect(await read(2), `from ${from}`).toEqual(behind.slice(0, 2));
      }
    });

    it('finds the chunk that begins at a sequence, or last before it', async () => {
      for (const first of [4, 9, 300]) await log.put(aChunk(first));

      const found = await Promise.all([3, 4, 8, 9, 299, 300, MAX_SEQUENCE].map((sequence) => other.at(STREAM, sequence)));
      expect(found.map((chunk) => chunk?.first)).toEqual([undefined, 4, 4, 9, 9, 300, 300]);
      expect(await log.at('another stream', MAX_SEQUENCE)).toBeNull();
    });

    it('names its streams, page by page', async () => {
      const names = ['a', 'a#1', 'b', 'https://example.com/b', 'é'];
      for (const stream of names.toReversed()) await log.put(aChunk(1, { stream }));
      await log.put(aChunk(2, { stream: 'b' }));

      expect((await other.streams('', 100)).toSorted()).toEqual(names.toSorted());
      const paged: string[] = [];
      for (let page = await log.streams('', 2); page.length > 0; page = await log.streams(paged.at(-1) ?? '', 2)) paged.push(...page);
      expect(paged).toEqual(await log.streams('', 100));
    });

    it('carries one gapless stream of two appenders, each event once', async () => {
      const appenders = [log, other].map((store) => new Appender({ store, clock: new SystemClock(), ids: new SystemIds(), window: DEDUPE_EVENTS }));
      const told = await Promise.all(
        // Every event is sent to both.
        Array.from({ length: 40 }, (_, n) => Promise.all(appenders.map((appender) => appender.append(STREAM, [aWritten({ id: `e${n >> 1}` })])))),
      );

      const chunks = await log.read(STREAM, 1, 100);
      const events = chunks.flatMap((chunk) => eventsIn(chunk));
      expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
      expect(new Set(events.map(({ id }) => id)).size).toBe(20);
      for (const { id, sequence } of told.flat(2)) expect(events[sequence - 1]?.id).toBe(id);
      for (const [index, chunk] of chunks.entries()) expect(chunks[index + 1]?.first ?? 21).toBe(endOf(chunk));
    });

    it('keeps how far subscribers have come, each change upon the last', async () => {
      const { checkpoints, otherCheckpoints } = test;
      const first = { subscriberId: 's', cursor: { stream: STREAM, sequence: 3, timestamp: 30 }, createdAt: 1, updatedAt: 1, version: 1 };
      const second = { ...first, cursor: { ...first.cursor, sequence: 5 }, updatedAt: 2, version: 2 };
      expect(await checkpoints.get(STREAM, 's')).toBeNull();
      expect(await checkpoints.put(second)).toBe(false);
      expect(await checkpoints.put(first)).toBe(true);
      expect(await otherCheckpoints.put(first)).toBe(false);
      expect(await otherCheckpoints.put(second)).toBe(true);
      expect(await checkpoints.put({ ...second, updatedAt: 9 })).toBe(false);

      expect(await checkpoints.get(STREAM, 's')).toEqual(second);
      expect(await checkpoints.get('another stream', 's')).toBeNull();
    });

    it('lists the subscribers of one stream, page by page', async () => {
      const { checkpoints } = test;
      const of = (stream: string, subscriberId: string) =>
        checkpoints.put({ subscriberId, cursor: { stream, sequence: 1, timestamp: 1 }, createdAt: 1, updatedAt: 1, version: 1 });
      for (const subscriber of ['c', 'a', 'b']) await of(STREAM, subscriber);
      await of('another stream', 'd');

      expect((await checkpoints.list(STREAM, '', 10)).map(({ subscriberId }) => subscriberId)).toEqual(['a', 'b', 'c']);
      expect((await checkpoints.list(STREAM, '', 2)).map(({ subscriberId }) => subscriberId)).toEqual(['a', 'b']);
      expect((await checkpoints.list(STREAM, 'b', 2)).map(({ subscriberId }) => subscriberId)).toEqual(['c']);
    });

    it('never lets a checkpoint go back, whoever saves it, unless forced', async () => {
      const deps = [test.checkpoints, test.otherCheckpoints].map((checkpoints) => ({ checkpoints, clock: new SystemClock() }));
      const save = (n: number, sequence: number, force = false) =>
        saveCheckpoint(
          deps[n % 2] ?? deps[0] ?? { checkpoints: test.checkpoints, clock: new SystemClock() },
          STREAM,
          's',
          { sequence, timestamp: 1 },
          { force },
        );
      await Promise.allSettled([4, 9, 2, 7, 1, 8].map((sequence, n) => save(n, sequence)));

      expect((await test.checkpoints.get(STREAM, 's'))?.cursor.sequence).toBe(9);
      await expect(save(0, 8)).rejects.toMatchObject({ code: 'CHECKPOINT_BEHIND', fields: { stands: 9, wanted: 8 } });
      expect((await save(1, 8, true)).cursor.sequence).toBe(8);
      expect((await save(0, 8)).version).toBe((await test.checkpoints.get(STREAM, 's'))?.version);
    });
  });
}
