import type { Log } from '../../lambdas/shared/log.ts';
import { asTidemarkError } from '../core/errors.ts';
import type { Clock } from '../ports/system.ts';

export interface PeriodicOptions {
  readonly name: string;
  /** From the end of one run to the begin of the next; `fromBegin`: from begin to begin, and at once after a run that took longer. */
  readonly everyMs: number;
  readonly fromBegin?: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** What was asked for in a burst runs once. */
const SOON_MS = 500;

/** Runs a task at once and then again and again. It never overlaps itself, and a run that fails is logged and is not the last. */
export class Periodic {
  readonly #options: PeriodicOptions;
  readonly #run: (signal: AbortSignal) => Promise<void>;
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #loop: Promise<void> | null = null;

  constructor(options: PeriodicOptions, run: (signal: AbortSignal) => Promise<void>) {
    this.#options = options;
    this.#run = run;
  }

  start(): void {
    this.#loop ??= this.#repeat();
  }

  /** Makes the next run begin within half a second; a run that is under way is followed by another. */
  soon(): void {
    this.#wake.abort();
  }

  /** Resolves when the run that is under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#loop;
  }

  async #repeat(): Promise<void> {
    const { name, everyMs, fromBegin = false, clock, log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const begun = clock.now();
      try {
        await this.#run(signal);
      } catch (error) {
        if (signal.aborted) return;
        const { code, message } = asTidemarkError(error);
        log.error(`${name} failed; it runs again`, { code, error: message, inMs: everyMs });
      }
      // A clock that was set meanwhile makes no run early by more, and none late.
      const takenMs = fromBegin ? Math.min(everyMs, Math.max(0, clock.now() - begun)) : 0;
      await clock.sleep(everyMs - takenMs, this.#wake.signal);
      if (this.#wake.signal.aborted) await clock.sleep(SOON_MS, signal);
      this.#wake = new AbortController();
    }
  }
}
