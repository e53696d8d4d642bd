import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BURST_MS, taken, waitFor } from '../../../lib/core/pace/bucket.ts';
import { grown, hasRoom, OPEN, slowed, type Window } from '../../../lib/core/pace/window.ts';

const NOW = 1_793_268_000_000;

describe('a token bucket', () => {
  const works = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 3_000 }), amount: fc.integer({ min: 1, max: 500 }) }), { maxLength: 60 });

  it('lets through no more than its rate, a burst and one work in any span of time', () => {
    fc.assert(
      fc.property(works, fc.integer({ min: 1, max: 200 }), (asked, perSec) => {
        const begun = run(asked, perSec);
        for (const [index, first] of begun.entries()) {
          let sum = 0;
          for (const work of begun.slice(index)) {
            const spanSec = (work.at - first.at + BURST_MS) / 1000;
            // Everything but the last one was let through within the span: the last may be of any size.
            expect(sum).toBeLessThanOrEqual(perSec * spanSec + first.amount + 0.01);
            sum += work.amount;
          }
        }
      }),
    );
  });

  it('is never idle while something waits: what it lets through takes no longer than its rate demands', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 200 }),
        (amounts, perSec) => {
          const begun = run(
            amounts.map((amount) => ({ afterMs: 0, amount })),
            perSec,
          );
          const before = amounts.slice(0, -1).reduce((sum, amount) => sum + amount, 0);

          expect((begun.at(-1)?.at ?? 0) - NOW).toBeLessThanOrEqual(Math.max(0, (before / perSec) * 1000 - BURST_MS) + 0.01);
        },
      ),
    );
  });

  /** Each asks when it comes, and begins when it was told to. */
  function run(asked: readonly { afterMs: number; amount: number }[], perSec: number): { at: number; amount: number }[] {
    let now = NOW;
    let fullAt = 0;
    return asked.map(({ afterMs, amount }) => {
      now += afterMs;
      const at = now + waitFor(fullAt, now);
      fullAt = taken(fullAt, amount, perSec, now);
      return { at, amount };
    });
  }
});

describe('a window', () => {
  it('bounds nothing until a store asks to slow down', () => {
    expect(hasRoom(OPEN, 1_000_000)).toBe(true);
    expect(grown(OPEN)).toBe(OPEN);
  });

  it('halves what is under way, once for all that was begun before', () => {
    const once = slowed(OPEN, 0, 64);
    expect(once).toEqual({ size: 32, round: 1 });
    expect(slowed(once, 0, 63)).toBe(once);
    expect(slowed(once, 1, 32)).toEqual({ size: 16, round: 2 });
  });

  it('grows by one for each window of work that went well, and is open again in the end', () => {
    let window: Window = slowed(OPEN, 0, 8);
    for (let carried = 0; carried < 5; carried++) window = grown(window);
    expect(Math.floor(window.size ?? 0)).toBe(5);
    for (let carried = 0; carried < 600_000 && window.size !== null; carried++) window = grown(window);
    expect(window.size).toBeNull();
  });

  it('always has room for one, and never for more than its size', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('grown'), fc.nat({ max: 300 })), { maxLength: 200 }), (steps) => {
        let window: Window = OPEN;
        for (const step of steps) {
          window = typeof step === 'number' ? slowed(window, window.round, step) : grown(window);
          expect(hasRoom(window, 0)).toBe(true);
          if (window.size !== null) expect(hasRoom(window, Math.floor(window.size))).toBe(false);
        }
      }),
    );
  });
});
