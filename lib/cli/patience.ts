/** Bears that nothing answers for a while: a host that restarts is back within seconds, and long work goes on with it. */
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

export interface Patience {
  /** Ends it at once. */
  readonly signal: AbortSignal;
  /** Is told once what is wrong, so that nobody waits without knowing for what. */
  readonly say?: (words: string) => void;
  /** @default 30 seconds since it first went wrong */
  readonly forMs?: number;
  /** When to ask again after this error, ms. @default half a second for each */
  readonly pauseMs?: (error: unknown) => number | undefined;
}

/** @param passes whether what was thrown may be over soon @throws what `ask` threw last, when it does not pass, lasts too long or was ended */
export async function patiently<T>(
  ask: () => Promise<T>,
  passes: (error: unknown) => error is Error,
  { signal, say, forMs = PATIENCE_MS, pauseMs }: Patience,
): Promise<T> {
  let until: number | undefined;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!passes(error) || signal.aborted) throw error;
      const now = performance.now();
      if (until === undefined) say?.(`${error.message}\nAsking again for ${forMs / 1000} s.`);
      until ??= now + forMs;
      if (now >= until) throw error;
      await sleep(Math.min(pauseMs?.(error) ?? PAUSE_MS, until - now), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
