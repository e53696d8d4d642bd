/**
 * A token bucket, told by the moment at which it will be full again (the generic cell rate algorithm): one number, and no clock of its own.
 * Work may begin while less than a burst is owed, and then owes its whole cost: so an object of any size gets through, and the ones after
 * it wait for as long as it would have taken at the rate. Pure.
 */

/** What may be taken at once after a rest, as time at the rate. */
export const BURST_MS = 1_000;

/** @param fullAt when the bucket is full again, ms since the epoch @returns how long to wait before something may be taken, ms */
export function waitFor(fullAt: number, now: number): number {
  return Math.max(0, fullAt - now - BURST_MS);
}

/** @param amount taken, or reserved for the moment that `waitFor` told @returns when the bucket is full again */
export function taken(fullAt: number, amount: number, perSec: number, now: number): number {
  return Math.max(fullAt, now) + (amount / perSec) * 1000;
}
