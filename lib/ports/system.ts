export interface Clock {
  /** ms since the epoch. */
  now(): number;
  /** Resolves after `ms`, or at once (never rejecting) when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** With a clock that is never set. It may stand still while the process is frozen. */
export interface SteadyClock extends Clock {
  /** ms since some moment of its own. */
  monotonic(): number;
}

export interface Ids {
  /** Unique among all workers, for ever. */
  next(): string;
  /** In [0, 1), for jitter. */
  random(): number;
}
