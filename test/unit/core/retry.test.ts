import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asTidemarkError, ERROR_CODES, type ErrorCode, LeaseLostError, PreconditionFailedError, TidemarkError } from '../../../lib/core/errors.ts';
import { breakerTrips } from '../../../lib/core/objects/breaker.ts';
import { DEFAULT_RETRY, decideRetry, type RetryPolicy } from '../../../lib/core/retry.ts';

const CODES = Object.keys(ERROR_CODES).filter((code): code is ErrorCode => code in ERROR_CODES);
const policies: fc.Arbitrary<RetryPolicy> = fc.record({
  maxRetries: fc.integer({ min: 1, max: 20 }),
  maxPatientRetries: fc.integer({ min: 1, max: 200 }),
  baseMs: fc.integer({ min: 1, max: 5000 }),
  capLimitedMs: fc.integer({ min: 1, max: 60_000 }),
  capPatientMs: fc.integer({ min: 1, max: 600_000 }),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a retry', () => {
  it('is bounded in number and in time, for every code', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CODES), fc.integer({ min: 1, max: 1000 }), policies, chance, (code, attempts, policy, random) => {
        const { patience } = ERROR_CODES[code];
        const most = { never: 0, limited: policy.maxRetries, patient: policy.maxPatientRetries }[patience];
        const cap = patience === 'patient' ? policy.capPatientMs : policy.capLimitedMs;
        const decision = decideRetry(new TidemarkError(code, 'no'), attempts, policy, random);
        expect(decision.retry).toBe(attempts < most);
        if (!decision.retry) return;
        expect(Number.isInteger(decision.delayMs)).toBe(true);
        expect(decision.delayMs).toBeGreaterThanOrEqual(0);
        expect(decision.delayMs).toBeLessThanOrEqual(Math.min(cap, policy.baseMs * 2 ** Math.min(attempts - 1, 30)));
      }),
    );
  });

  it('waits for any time up to a ceiling that doubles to its cap: full jitter', () => {
    const error = new TidemarkError('UNAVAILABLE', 'no');
    const delay = (attempts: number, random: number): number | null => {
      const decision = decideRetry(error, attempts, { ...DEFAULT_RETRY, baseMs: 1000, capPatientMs: 300_000 }, random);
      return decision.retry ? decision.delayMs : null;
    };

    expect([1, 2, 3, 8, 9, 10, 99].map((attempts) => delay(attempts, 0.5))).toEqual([500, 1000, 2000, 64_000, 128_000, 150_000, 150_000]);
    expect(delay(5, 0)).toBe(0);
    expect(delay(5, 0.999999)).toBe(15_999);
  });

  it('of a failing object ends within a minute; of a failing endpoint it goes on for hours', () => {
    const total = (code: ErrorCode): number => {
      let sum = 0;
      for (let attempts = 1; ; attempts++) {
        const decision = decideRetry(new TidemarkError(code, 'no'), attempts, DEFAULT_RETRY, 0.5);
        if (!decision.retry) return sum;
        sum += decision.delayMs;
      }
    };

    expect(total('REJECTED')).toBeLessThan(60_000);
    expect(total('UNAVAILABLE')).toBeGreaterThan(2 * 3_600_000);
  });
});

describe('an error', () => {
  it('of any kind becomes one with a code, its cause kept', () => {
    const odd = new RangeError('odd');

    expect(asTidemarkError(odd)).toMatchObject({ code: 'INTERNAL', message: 'odd', cause: odd, retryable: true });
    expect(asTidemarkError('text')).toMatchObject({ code: 'INTERNAL', message: 'text' });
    const known = new PreconditionFailedError('source', 'k');
    expect(asTidemarkError(known)).toBe(known);
  });

  it('tells whether trying again can help, what to do next, and whether its outcome is unknown', () => {
    for (const code of CODES) {
      expect(new TidemarkError(code, 'no').retryable).toBe(ERROR_CODES[code].patience !== 'never');
      expect(new TidemarkError(code, 'no').fix).toMatch(/^.{20,}\.$/);
    }
    expect(new TidemarkError('UNAVAILABLE', 'no', { outcomeUnknown: true }).outcomeUnknown).toBe(true);
    expect(new TidemarkError('UNAVAILABLE', 'no').outcomeUnknown).toBe(false);
    expect(new LeaseLostError('k', 'it ran out')).toMatchObject({ code: 'LEASE_LOST', fields: { key: 'k' } });
  });
});

describe('the delete breaker', () => {
  it.each([
    [1000, 0, false],
    [1001, 0, true],
    [1001, 9008, true],
    [1001, 9009, false],
    [1_000_000, 9_000_000, false],
    [1_000_001, 8_999_999, true],
  ])('with %i deletes and %i objects left: %s', (deletes, objects, trips) => {
    expect(breakerTrips(deletes, objects)).toBe(trips);
  });

  it('needs both more than 1,000 and more than a tenth', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(1_000_000), (deletes, objects) => {
        expect(breakerTrips(deletes, objects)).toBe(deletes > 1000 && deletes * 10 > objects + deletes);
      }),
    );
  });
});
