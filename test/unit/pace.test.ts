import { beforeEach, describe, expect, it } from 'vitest';
import type { Route, Throttle } from '../../lib/core/routes/route.ts';
import { Pace, type RoutePace } from '../../lib/usecases/pace.ts';
import { ManualClock } from '../contract/manual-clock.ts';

const ROUTE: Route = { name: 'a-b', from: 'a', to: 'b', prefix: '', deletes: true };
const LATER = Number.POSITIVE_INFINITY;

let clock: ManualClock;
let pace: Pace;
beforeEach(() => {
  clock = new ManualClock();
  pace = new Pace(clock);
});

const throttled = (throttle: Throttle): RoutePace => pace.of({ ...ROUTE, throttle });

/** Runs what is due and what follows from it. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

async function after(ms: number, stepMs = 100): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    await settled();
  }
}

describe('a throttled route', () => {
  it('writes a burst at once, then at its rate, and postpones what would wait for longer than five seconds', async () => {
    const route = throttled({ objectsPerSec: 10 });
    const begun: number[] = [];
    const start = clock.now();
    const asked = Array.from({ length: 100 }, async () => {
      const later = await route.take(0, LATER);
      if (later === null) begun.push(clock.now() - start);
      return later;
    });
    await settled();
    expect(begun).toHaveLength(11);

    await after(10_000);
    const postponed = (await Promise.all(asked)).filter((ms) => ms !== null);
    expect(begun).toHaveLength(61);
    expect(Math.max(...begun)).toBeLessThanOrEqual(5_000);
    // Those that are put off come back one after the other, no faster than they could be written.
    expect(postponed).toHaveLength(39);
    expect(postponed.toSorted((a, b) => a - b)).toEqual(postponed);
    expect((postponed.at(-1) ?? 0) - (postponed[0] ?? 0)).toBeCloseTo(38 * 100);
  });

  it('lets an object of any size through, and makes the next ones wait for what it owes', async () => {
    const route = throttled({ bytesPerSec: 1_000 });

    expect(await route.take(100_000, LATER)).toBeNull();
    expect(await route.take(1, LATER)).toBeGreaterThanOrEqual(99_000 - 1);
    clock.advance(99_000);
    expect(await route.take(1, LATER)).toBeNull();
  });

  it('takes its part where several processes share it', async () => {
    const route = throttled({ objectsPerSec: 100, sharedBy: 50 });
    const now = await Promise.all(
      Array.from({ length: 3 }, () => Promise.race([route.take(0, LATER).then(() => 'now'), settled().then(() => 'later')])),
    );

    expect(now).toEqual(['now', 'now', 'now']);
    expect(await Promise.race([route.take(0, LATER).then(() => 'now'), settled().then(() => 'later')])).toBe('later');
  });

  it('leaves other routes alone, and those without a throttle', async () => {
    const route = throttled({ objectsPerSec: 0.001 });
    expect(await route.take(0, LATER)).toBeNull();
    expect(await route.take(0, LATER)).toBe(900_000);

    expect(await pace.of({ ...ROUTE, name: 'c-d' }).take(1e12, LATER)).toBeNull();
  });

  it('waits for no longer than half of the time that is left', async () => {
    const route = throttled({ objectsPerSec: 1 });
    await route.take(0, LATER);
    await route.take(0, LATER);

    expect(await route.take(0, clock.now() + 1_000)).toBeGreaterThan(0);
  });
});

describe('a store that asks to slow down', () => {
  /** Bears so many at a time; each takes 100 ms. */
  async function carry(objects: number, bears: number): Promise<{ refused: number; carried: number; most: number[] }> {
    const route = pace.of(ROUTE);
    let under = 0;
    let refused = 0;
    let carried = 0;
    const most: number[] = [];
    const work = async (): Promise<void> => {
      for (;;) {
        const turn = await route.enter(LATER);
        if ('laterMs' in turn) {
          await clock.sleep(turn.laterMs);
          continue;
        }
        under++;
        most.push(under);
        const borne = under <= bears;
        await clock.sleep(100);
        under--;
        route.leave(turn, borne ? 'carried' : 'slowed');
        if (borne) {
          carried++;
          return;
        }
        refused++;
        await clock.sleep(1_000);
      }
    };
    const all = Array.from({ length: objects }, () => work());
    for (let turn = 0; turn < 10_000 && carried < objects; turn++) await after(100);
    await Promise.all(all);
    return { refused, carried, most };
  }

  it('is asked by fewer at a time, until it bears them, and all are carried in the end', async () => {
    const { refused, carried, most } = await carry(1_000, 8);

    console.log(refused, most.length, Math.max(...most.slice(-500)), clock.now());
    expect(carried).toBe(1_000);
    // All at once it was before it said so; then about what it bears.
    expect(Math.max(...most)).toBe(1_000);
    expect(Math.max(...most.slice(-500))).toBeLessThanOrEqual(12);
    expect(refused).toBeLessThan(2_200);
  });

  it('is not slowed for where it bears them all', async () => {
    const { refused, most } = await carry(300, 300);

    expect(refused).toBe(0);
    expect(Math.max(...most)).toBe(300);
  });
});
