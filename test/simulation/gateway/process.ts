/** A process of the gateway, with two clocks of its own that may be wrong, run fast or slow, be set, or stand still while it is frozen. */
import type { SteadyClock } from '../../../lib/ports/system.ts';
import type { Scheduler } from '../scheduler.ts';

/** Which clock of a process stands still while it is frozen. */
export type Standing = 'none' | 'wall' | 'monotonic';

export interface Clocks {
  /** How fast both run; 1 is right. */
  readonly rate: number;
  /** How far the wall clock is off at first, ms. */
  readonly skewMs: number;
  readonly stands: Standing;
}

export class Process {
  readonly name: string;
  alive = true;
  readonly #scheduler: Scheduler;
  readonly #rate: number;
  readonly #stands: Standing;
  readonly #born: number;
  /** What is added to true time, ms. */
  #wall: number;
  #monotonic = 0;
  #frozenUntil = 0;

  constructor(name: string, scheduler: Scheduler, { rate, skewMs, stands }: Clocks) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#rate = rate;
    this.#stands = stands;
    this.#wall = skewMs;
    this.#born = scheduler.now;
  }

  /** As it sees time. A timer runs on the monotonic clock. */
  get clock(): SteadyClock {
    return {
      now: () => Math.round(this.#scheduler.now + (this.#scheduler.now - this.#born) * (this.#rate - 1) + this.#wall),
      monotonic: () => (this.#scheduler.now - this.#born) * this.#rate + this.#monotonic,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve();
          signal?.addEventListener('abort', () => resolve(), { once: true });
          this.deliver(ms / this.#rate, resolve, () => signal?.aborted === true);
        }),
    };
  }

  /** Nothing reaches it for a while; a clock that stands still loses that time. */
  freeze(forMs: number): void {
    const { now } = this.#scheduler;
    const until = Math.max(this.#frozenUntil, now + forMs);
    const lostMs = until - Math.max(this.#frozenUntil, now);
    this.#frozenUntil = until;
    if (this.#stands === 'wall') this.#wall -= lostMs;
    if (this.#stands === 'monotonic') this.#monotonic -= lostMs;
  }

  die(): void {
    this.alive = false;
  }

  /** The wall clock is set: not where it is the one that is relied on. */
  setBy(ms: number): void {
    if (this.#stands !== 'monotonic') this.#wall += ms;
  }

  /** When it is no longer frozen. */
  get frozenUntil(): number {
    return this.#frozenUntil;
  }

  /** True where it was frozen at some time since. */
  wasFrozenSince(at: number): boolean {
    return this.#frozenUntil > at;
  }

  /** Runs `what` in it after so long, unless it is dead by then; where it is frozen, when it no longer is. */
  deliver(inMs: number, what: () => void, cancelled?: () => boolean): void {
    this.#scheduler.after(
      inMs,
      () => {
        const frozenFor = this.#frozenUntil - this.#scheduler.now;
        if (frozenFor > 0) this.deliver(frozenFor, what, cancelled);
        else what();
      },
      () => !this.alive || cancelled?.() === true,
    );
  }
}
