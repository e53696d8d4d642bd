import { asTidemarkError } from '../../core/errors.ts';
import type { Clock } from '../../ports/system.ts';

/** So long after the first question its answer is waited for, ms: a region that does not answer must not hold up writes to the other one. */
const FIRST_WAIT_MS = 2_000;
const ASK_AGAIN_MS = 10_000;

/**
 * Why a gateway's route could carry nothing of what it takes: an endpoint that honours too few conditions, found out by trying it.
 * @param link what finds it out; it is asked no more once the route was found fit
 * @returns what answers null while that is not known, or the route is fit
 */
export function fitness(link: () => Promise<unknown>, clock: Clock): () => Promise<string | null> {
  let unfit: string | null = null;
  let isFit = false;
  let first: { readonly at: number; readonly asked: Promise<void> } | null = null;
  let askedAt = 0;
  const ask = async (): Promise<void> => {
    try {
      await link();
      isFit = true;
      unfit = null;
    } catch (error) {
      const { code, message } = asTidemarkError(error);
      if (code === 'INVALID_CONFIG') unfit = message;
    }
  };
  return async () => {
    const now = clock.now();
    if (!isFit && (!first || now - askedAt >= ASK_AGAIN_MS)) {
      askedAt = now;
      const asked = ask();
      first ??= { at: now, asked };
    }
    if (first) await soon(first.asked, FIRST_WAIT_MS - (now - first.at), clock);
    return unfit;
  };
}

async function soon(asked: Promise<void>, ms: number, clock: Clock): Promise<void> {
  if (ms <= 0) return;
  const found = new AbortController();
  await Promise.race([asked.finally(() => found.abort('found')), clock.sleep(ms, found.signal)]);
}
