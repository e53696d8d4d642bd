import type { TidemarkError } from './errors.ts';

export interface RetryPolicy {
  /** Attempts before a `limited` failure becomes an error. */
  readonly maxRetries: number;
  /** Attempts before a `patient` failure becomes an error: hours, at the cap below. */
  readonly maxPatientRetries: number;
  readonly baseMs: number;
  readonly capLimitedMs: number;
  readonly capPatientMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  maxRetries: 5,
  maxPatientRetries: 100,
  baseMs: 1000,
  // Five limited attempts end within a minute: 1 + 2 + 4 + 8 s at most between them.
  capLimitedMs: 10_000,
  capPatientMs: 300_000,
};

export type RetryDecision = { readonly retry: true; readonly delayMs: number } | { readonly retry: false };

/**
 * Exponential backoff with full jitter (Brooker, "Exponential Backoff and Jitter").
 * @param attempts attempts made so far, this one included (≥ 1)
 * @param random a number in [0, 1)
 */
export function decideRetry(error: TidemarkError, attempts: number, policy: RetryPolicy, random: number): RetryDecision {
  switch (error.patience) {
    case 'never':
      return { retry: false };
    case 'limited':
      return attempts >= policy.maxRetries
        ? { retry: false }
        : { retry: true, delayMs: backoff(attempts, policy.baseMs, policy.capLimitedMs, random) };
    case 'patient':
      return attempts >= policy.maxPatientRetries
        ? { retry: false }
        : { retry: true, delayMs: backoff(attempts, policy.baseMs, policy.capPatientMs, random) };
  }
}

/** @returns ms to wait before the next attempt */
export function backoff(attempts: number, baseMs: number, capMs: number, random: number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempts - 1, 30));
  return Math.floor(random * ceiling);
}
