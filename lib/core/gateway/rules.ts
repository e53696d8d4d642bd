/** How the configuration has the gateway: two regions of one bidirectional route, one of which takes the writes. */

/** `auto`: observers may switch. `manual`: only people do. */
export const FAILOVER_MODES = ['auto', 'manual'] as const;
export type FailoverMode = (typeof FAILOVER_MODES)[number];

export interface GatewayRules {
  /** The two ends of the route, by their configured names. */
  readonly regions: readonly [string, string];
  /** The region that is active at first, and that a failback goes to. */
  readonly first: string;
  readonly mode: FailoverMode;
  /** How long a process may act on what it read of the control record, ms. A change of it holds from the next switch on. */
  readonly leaseMs: number;
}

/** From one round of an observer to the next, ms. */
export const PROBE_EVERY_MS = 15_000;

/** A region that has not answered by then has failed the probe, ms. */
export const PROBE_LIMIT_MS = 5_000;

/** So many failures in a row condemn a region, and so many answers in a row clear one that had failed. */
export const IN_A_ROW = 3;

/** So many rounds an observer leaves a new epoch alone that was not asked for, or that was forced: five minutes. */
export const REST_ROUNDS = 20;

/** How far a clock may run too fast or too slow, as a part of 1. What it shows may be wrong by any amount. */
export const RATE_ERROR = 0.01;

/** @throws RangeError for a name that is neither */
export function otherRegion([one, two]: GatewayRules['regions'], region: string): string {
  if (region === one) return two;
  if (region === two) return one;
  throw new RangeError(`${region} is no region of the gateway`);
}
