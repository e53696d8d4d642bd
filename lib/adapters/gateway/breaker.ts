/** A region that keeps failing is left alone for a while: readers fall back at once instead of waiting for it. */
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen, type IPolicy } from 'cockatiel';
import { asTidemarkError, type ErrorCode, TidemarkError } from '../../core/errors.ts';
import type { GatewayStore } from '../../ports/gateway-store.ts';

const FAILURES_IN_A_ROW = 5;
const REST_MS = 5_000;

/** The region's own failures; a refusal says nothing about the next request. */
const FAILS: ReadonlySet<ErrorCode> = new Set(['UNAVAILABLE', 'THROTTLED', 'BUCKET_MISSING']);

export type ReadingStore = Pick<GatewayStore, 'get' | 'head'>;

/** Of a request that its caller gave up: that says nothing of the region. */
class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/**
 * After five failures in a row it fails at once for five seconds, then lets one request try. Whoever gives a request up because the region
 * takes too long says so by a TidemarkError as the signal's reason.
 * @throws as the store does; UNAVAILABLE while it is left alone
 */
export function withBreaker(region: string, store: ReadingStore): ReadingStore {
  const policy = circuitBreaker(
    handleWhen((error) => FAILS.has(asTidemarkError(error).code)),
    { halfOpenAfter: REST_MS, breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW) },
  );
  return {
    get: (key, options) => guarded(policy, region, options?.signal, () => store.get(key, options)),
    head: (key, options) => guarded(policy, region, options?.signal, () => store.head(key, options)),
  };
}

async function guarded<T>(policy: IPolicy, region: string, signal: AbortSignal | undefined, read: () => Promise<T>): Promise<T> {
  const counted = async (): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      throw signal?.aborted && !(signal.reason instanceof TidemarkError) ? new GivenUp('the caller ended the request', { cause: error }) : error;
    }
  };
  try {
    return await policy.execute(counted);
  } catch (error) {
    if (error instanceof GivenUp) throw error.cause;
    if (!(error instanceof BrokenCircuitError)) throw error;
    throw new TidemarkError(
      'UNAVAILABLE',
      `region ${region} failed ${FAILURES_IN_A_ROW} times in a row and is left alone for ${REST_MS / 1000} seconds`,
      { region },
      error,
    );
  }
}
