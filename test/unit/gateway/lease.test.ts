import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin, switched } from '../../../lib/core/gateway/control.ts';
import { atLeast, atMost, leaseLeft, type Moment, mayWrite, opensIn } from '../../../lib/core/gateway/lease.ts';
import { RULES } from './support.ts';

const FIRST = begin(RULES, { at: 0, by: 'system', intent: 1 });
const WISH = { to: 'west', kind: 'auto', forced: false, at: 0, by: 'observer:o', why: 'it failed', intent: 2 } as const;
const at = (ms: number): Moment => ({ wall: 1_000_000 + ms, monotonic: 50 + ms });

const rates = fc.double({ min: 0.99, max: 1.01, noNaN: true });
const hours = fc.integer({ min: -10_000_000, max: 10_000_000 });

/** How a process sees true time. */
const clocks = fc
  .record({ rate: rates, skew: hours, stands: fc.constantFrom('wall', 'monotonic', 'none'), standsMs: fc.nat(30_000) })
  .map(({ rate, skew, stands, standsMs }) => (since: number, now: number): { readonly before: Moment; readonly now: Moment } => {
    const later = { wall: skew + now * rate, monotonic: now * rate };
    if (stands !== 'none') later[stands] = Math.max(since * rate, later[stands] - standsMs) + (stands === 'wall' ? skew : 0);
    return { before: { wall: skew + since * rate, monotonic: since * rate }, now: later };
  });

describe('a lease', () => {
  it('counts from the moment before the record was asked for, by the clock that shows more', () => {
    const reading = { record: FIRST, at: at(0) };

    expect(leaseLeft(reading, at(4_000))).toBe(6_000);
    expect(leaseLeft(reading, { wall: at(4_000).wall, monotonic: at(0).monotonic })).toBe(6_000);
    expect(leaseLeft(reading, { wall: at(-9_999_999).wall, monotonic: at(4_000).monotonic })).toBe(6_000);
    expect(mayWrite(reading, at(9_999))).toBe(true);
    expect(mayWrite(reading, at(10_000))).toBe(false);
  });

  it('lets nobody write in an epoch that is not open', () => {
    expect(mayWrite({ record: switched(FIRST, WISH, 10_000), at: at(0) }, at(0))).toBe(false);
  });

  it('leaves no lease of an earlier epoch when writes are opened, whatever the clocks show', () => {
    const times = fc.tuple(fc.nat(20_000), fc.nat(20_000), fc.nat(20_000), fc.nat(60_000), fc.integer({ min: 1_000, max: 30_000 }));
    fc.assert(
      fc.property(times, clocks, clocks, ([asked, untilSwitch, untilSeen, untilNow, leaseMs], holder, opener) => {
        const former = { ...FIRST, leaseMs };
        const closed = switched(former, WISH, 10_000);
        const seen = asked + untilSwitch + untilSeen;
        const now = seen + untilNow;
        const theirs = holder(asked, now);
        const ours = opener(seen, now);
        const isOpened = opensIn(closed, ours.before, ours.now) === 0;

        return !isOpened || leaseLeft({ record: former, at: theirs.before }, theirs.now) === 0;
      }),
      { numRuns: 2_000 },
    );
  });

  it('is waited for no longer than a thirtieth more than it lasts, by an honest clock', () => {
    const closed = switched(FIRST, WISH, 10_000);

    expect(opensIn(closed, at(0), at(0))).toBeGreaterThan(10_200);
    expect(opensIn(closed, at(0), at(10_330))).toBe(0);
  });
});

describe('elapsed time', () => {
  it('is at least what the monotonic clock shows, and at most the greater', () => {
    expect(atLeast(at(0), { wall: at(9_000).wall, monotonic: at(4_000).monotonic })).toBe(4_000);
    expect(atMost(at(0), { wall: at(9_000).wall, monotonic: at(4_000).monotonic })).toBe(9_000);
  });
});
