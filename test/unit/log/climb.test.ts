/** Events that bubble from stream to stream, while stores fail and workers overtake each other: real SQLite, in memory. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../lib/adapters/sqlite/database.ts';
import { SqliteHops } from '../../../lib/adapters/sqlite/hops.ts';
import { SqliteLogStore } from '../../../lib/adapters/sqlite/log-store.ts';
import type { Ascent } from '../../../lib/core/contexts/ascend.ts';
import { begun, newHop } from '../../../lib/core/contexts/hop.ts';
import { count } from '../../../lib/core/contexts/window.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import { eventsIn } from '../../../lib/core/log/chunk.ts';
import { draftOf, written } from '../../../lib/core/log/draft.ts';
import type { ChangeEvent } from '../../../lib/core/log/event.ts';
import { type ClimbDeps, climb, parkedIn } from '../../../lib/usecases/contexts/climb.ts';
import { Appender } from '../../../lib/usecases/log/appender.ts';

const HOUR = 3_600_000;
const FROM = 'tenant';
const TO = 'app';
/** Few, so that what is forgotten matters. */
const WINDOW = 8;

/** Counts by the hour; fails on every seventh document, and lets none of every fifth go up. */
const ascent: Ascent = {
  window: { ...count, name: 'hourly', sizeMs: HOUR, latenessMs: 0 },
  transform: ({ documentId, after = null }) => {
    if (Number(documentId) % 7 === 0) throw new Error('seven');
    return Number(documentId) % 5 === 0 ? null : { after: { seen: after } };
  },
};

type Fate = 'well' | 'lost' | 'unanswered';

class World {
  now = 0;
  /** What becomes of the next writes; all is well when it is used up. */
  fates: Fate[] = [];
  readonly #database = openDatabase(':memory:');
  readonly #store = new SqliteLogStore(this.#database);
  readonly #hops = new SqliteHops(this.#database);
  #ids = 0;

  /** A worker that knows nothing yet. */
  worker(): ClimbDeps {
    const [log, hops] = [this.#store, this.#hops];
    const store = {
      put: this.#faulty((chunk: Parameters<typeof log.put>[0]) => log.put(chunk)),
      read: log.read.bind(log),
      at: log.at.bind(log),
      streams: log.streams.bind(log),
    };
    const clock = { now: () => this.now, monotonic: () => this.now, sleep: async () => void this.now++ };
    const ids = { next: () => `batch-${this.#ids++}`, random: () => 0.5 };
    const appender = new Appender({ store, clock, ids, window: WINDOW });
    const failing = {
      get: hops.get.bind(hops),
      list: hops.list.bind(hops),
      put: this.#faulty((next: Parameters<typeof hops.put>[0]) => hops.put(next)),
    };
    return { hops: failing, store, appender, clock, ascentOf: () => ascent };
  }

  async emit(from: string, documents: readonly number[], timestamp = 1): Promise<void> {
    const { appender } = this.worker();
    for (const document of documents) {
      const told = { id: `e${document}`, operation: 'INSERT', collection: 'c', documentId: String(document), timestamp, after: document } as const;
      await appender.append(from, [written(draftOf(told))]);
    }
  }

  /** One turn of a worker; whatever it dies of, another one comes. */
  async turn(deps: ClimbDeps): Promise<string> {
    try {
      return (await climb(deps, (await this.#hops.get(FROM)) ?? newHop(FROM, TO))).came;
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error;
      return 'failed';
    }
  }

  async climbAll(): Promise<void> {
    while ((await this.turn(this.worker())) !== 'rested');
  }

  async events(stream: string): Promise<readonly ChangeEvent[]> {
    return (await this.#store.read(stream, 1, 10_000)).flatMap((chunk) => [...eventsIn(chunk)]);
  }

  async hop() {
    return this.#hops.get(FROM);
  }

  #faulty<Argument, Result>(act: (argument: Argument) => Promise<Result>): (argument: Argument) => Promise<Result> {
    return async (argument) => {
      const fate = this.fates.shift() ?? 'well';
      if (fate === 'lost') throw new TidemarkError('ACCESS_DENIED', 'lost');
      const result = await act(argument);
      if (fate === 'unanswered') throw new TidemarkError('ACCESS_DENIED', 'no answer', { outcomeUnknown: true });
      return result;
    };
  }
}

const ids = (events: readonly ChangeEvent[]): readonly string[] => events.map(({ id }) => id);
const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1);
const goesUp = (document: number): boolean => document % 5 !== 0 && document % 7 !== 0;

describe('events that bubble', () => {
  it('go up in their order, are left out, or parked; and the hop says how far they are', async () => {
    const world = new World();
    await world.emit(FROM, upTo(14));

    await world.climbAll();

    const up = (await world.events(TO)).filter(({ collection }) => collection === 'c');
    expect(up.map(({ after }) => after)).toEqual(
      upTo(14)
        .filter(goesUp)
        .map((seen) => ({ seen })),
    );
    expect((await world.events(parkedIn(TO))).map(({ after }) => after)).toMatchObject(
      [7, 14].map((sequence) => ({ from: FROM, sequence, why: expect.stringContaining('seven') })),
    );
    expect(await world.hop()).toMatchObject({ through: 14, underWay: null });
  });

  it('tell of an hour when it is over, once, though nothing comes any more', async () => {
    const world = new World();
    await world.emit(FROM, [1, 2, 3]);
    await world.climbAll();
    expect((await world.events(TO)).some(({ collection }) => collection === 'hourly')).toBe(false);
    world.now = HOUR;

    for (let turn = 0; turn < 3; turn++) await world.climbAll();

    expect((await world.events(TO)).filter(({ collection }) => collection === 'hourly')).toMatchObject([
      { after: { start: 0, end: HOUR, value: 3 } },
    ]);
  });

  it('go on where there is more than one climb takes', async () => {
    const world = new World();
    await world.emit(FROM, upTo(230));

    const first = await world.turn(world.worker());
    await world.climbAll();

    expect(first).toBe('on');
    expect((await world.events(TO)).filter(({ collection }) => collection === 'c')).toHaveLength(upTo(230).filter(goesUp).length);
  });

  it('are there exactly once, in their order, whatever fails and however often workers die', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom<Fate>('well', 'lost', 'unanswered'), { maxLength: 40 }), fc.nat(3), async (fates, others) => {
        const world = new World();
        await world.emit(FROM, upTo(20));
        world.fates = [...fates];
        for (let turn = 0; turn < fates.length; turn++) {
          await world.turn(world.worker());
          // The stream above has more below it.
          await world
            .emit(
              TO,
              Array.from({ length: others * WINDOW }, (_, index) => 1_000 * (turn + 1) + index),
            )
            .catch(() => undefined);
        }
        world.fates = [];
        await world.climbAll();
        const mine = (await world.events(TO)).filter(({ source, collection }) => source === FROM && collection === 'c');
        expect(ids(mine)).toEqual(
          upTo(20)
            .filter(goesUp)
            .map((document) => `${FROM}/e${document}`),
        );
        expect(ids(await world.events(parkedIn(TO)))).toEqual([7, 14].map((document) => `${FROM}/e${document}`));
      }),
      { numRuns: 150 },
    );
  });

  it('are not doubled by a worker that slept while another did its work and much else was appended', async () => {
    const world = new World();
    await world.emit(FROM, upTo(4));
    const sleeper = world.worker();
    const hop = begun(newHop(FROM, TO), { last: 4, tail: 1, parkedTail: 1 });
    await sleeper.hops.put(hop);
    // It knows the end of the stream as it was.
    await sleeper.appender.append(TO, [written(draftOf({ id: 'own', operation: 'INSERT', collection: 'c', documentId: '1', timestamp: 1 }))]);
    await world.climbAll();
    await world.emit(
      TO,
      upTo(5 * WINDOW).map((document) => 100 + document),
    );

    const came = await climb(
      { ...sleeper, store: { ...sleeper.store, read: async (stream, ...rest) => (stream === TO ? [] : sleeper.store.read(stream, ...rest)) } },
      hop,
    );

    expect(came).toEqual({ came: 'overtaken', events: 0 });
    expect((await world.events(TO)).filter(({ source }) => source === FROM)).toHaveLength(4);
  });
});
