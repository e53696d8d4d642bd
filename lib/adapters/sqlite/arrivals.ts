import type { Clock } from '../../ports/system.ts';

/** Lets a consumer wait for messages without polling: every change that may make one visible is announced. */
export class Arrivals {
  readonly #clock: Clock;
  readonly #waiting = new Set<AbortController>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  announce(): void {
    for (const wake of this.#waiting) wake.abort();
  }

  /** To be called before looking, so that what arrives between looking and waiting is not missed. */
  expect(signal?: AbortSignal): Arrival {
    const wake = new AbortController();
    const stop = (): void => wake.abort();
    this.#waiting.add(wake);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    return {
      wait: async (ms) => {
        if (!wake.signal.aborted) await this.#clock.sleep(ms, wake.signal);
      },
      end: () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', stop);
      },
    };
  }
}

export interface Arrival {
  /** Resolves on an announcement since `expect`, when the signal fires, or after `ms`. */
  wait(ms: number): Promise<void>;
  end(): void;
}
