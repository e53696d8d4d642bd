/** What a reading of the control record is good for, and for how long: durations on the reader's own clocks, never the time of another. */
import type { ControlRecord } from './control.ts';
import { RATE_ERROR } from './rules.ts';

/**
 * One moment, as the two clocks of one process show it, ms. Either may stand still or jump (a frozen function, a machine that sleeps,
 * a clock that is set), but not both of them within one lease.
 */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** The record, and the moment before it was asked for. */
export interface Reading {
  readonly record: ControlRecord;
  readonly at: Moment;
}

/** How much time may have gone by, ms: what one clock slept through, the other one shows. */
export function atMost(since: Moment, now: Moment): number {
  return Math.max(now.wall - since.wall, now.monotonic - since.monotonic);
}

/** How much time surely has gone by, ms: the monotonic clock may stand still, and is never set. */
export function atLeast(since: Moment, now: Moment): number {
  return now.monotonic - since.monotonic;
}

/** How long the reading may still be acted on, ms; 0 when that is over. */
export function leaseLeft({ record, at }: Reading, now: Moment): number {
  return Math.max(0, record.leaseMs - atMost(at, now));
}

/** Whether writes may be begun and committed at `record.active`. */
export function mayWrite(reading: Reading, now: Moment): boolean {
  return reading.record.open && leaseLeft(reading, now) > 0;
}

/** The clock of who holds a lease may run too slow, that of who waits for its end too fast; and a hundredth to spare. */
const MARGIN = 1.01 * ((1 + RATE_ERROR) / (1 - RATE_ERROR));

/**
 * How long until whoever saw the epoch closed may open it, ms; 0: now. By then every lease of an earlier epoch has run out, whatever
 * the clocks show.
 * @param closedSince when the first answer that showed this epoch had arrived
 */
export function opensIn({ closedMs }: ControlRecord, closedSince: Moment, now: Moment): number {
  return Math.max(0, closedMs * MARGIN - atLeast(closedSince, now));
}
