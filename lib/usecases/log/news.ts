import type { Clock } from '../../ports/system.ts';

/** Lets those who follow a stream in this process wait for what is appended in it. */
export class StreamNews {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<AbortController>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  announce(stream: string): void {
    for (const wake of this.#waiting.get(stream) ?? []) wake.abort();
  }

  /**
   * To be called before looking, so that what comes between looking and waiting is not missed.
   * @returns what waits until the stream has grown, the signal fires or so many ms have passed; and what ends it
   */
  expect(stream: string, signal?: AbortSignal): { wait(ms: number): Promise<void>; end(): void } {
    const wake = new AbortController();
    const all = this.#waiting.get(stream) ?? new Set();
    this.#waiting.set(stream, all.add(wake));
    const stop = (): void => wake.abort();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    return {
      wait: (ms) => this.#clock.sleep(ms, wake.signal),
      end: () => {
        all.delete(wake);
        if (all.size === 0) this.#waiting.delete(stream);
        signal?.removeEventListener('abort', stop);
      },
    };
  }
}
