/** The delete breaker of O10: a source that lost its contents must not empty the destination too. */

export const BREAKER_WINDOW_MS = 600_000;
const MIN_DELETES = 1000;
const MAX_SHARE = 0.1;

/**
 * True when more deletes ran in the window than both 1,000 and a tenth of the keys that were known when it began.
 * @param deletes in the window, the one about to run included
 * @param objects known now (so `deletes` of them are gone already)
 */
export function breakerTrips(deletes: number, objects: number): boolean {
  return deletes > MIN_DELETES && deletes > MAX_SHARE * (objects + deletes);
}
