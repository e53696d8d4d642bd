/** Longer than a healthy answer ever takes, and far shorter than a function's time: a lost connection costs an attempt, not a batch. */
export const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
