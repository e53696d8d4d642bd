/** Between a worker and the stores: every request takes time, and may be lost, answered late, or outlive its sender. */
import { TidemarkError } from '../../lib/core/errors.ts';
import { LATE_WRITE_MS } from '../../lib/usecases/replay-key.ts';
import type { Random } from './random.ts';
import type { Faults } from './scenario-shape.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** A request lands within this of being sent, or never: what every lease, visibility timeout and late look counts on. */
export const LANDS_WITHIN_MS = LATE_WRITE_MS / 2;

const WRITES = /^(?:destination|east|west)\.(copy (?!part)|complete upload|write|remove|put tags)/;

export class Network {
  readonly scheduler: Scheduler;
  readonly random: Random;
  faults: Faults;
  /** Set while a schedule is told for people. */
  trace: ((line: string) => void) | null = null;

  constructor(scheduler: Scheduler, random: Random, faults: Faults) {
    this.scheduler = scheduler;
    this.random = random;
    this.faults = faults;
  }

  tell(actor: Actor, what: () => string): void {
    this.trace?.(`${String(this.scheduler.now - 1_700_000_000_000).padStart(8)} ms  ${actor.name.padEnd(9)} ${what()}`);
  }

  /** Carries out `effect` at the store at some later moment, at least `takesMs` later, and answers the actor at a still later one, if it lives. */
  call<T>(actor: Actor, what: string, effect: () => T, signal?: AbortSignal, unreachable = false, takesMs = 0): Promise<T> {
    const { random, faults, scheduler } = this;
    return new Promise<T>((resolve, reject) => {
      if (!actor.alive) return;
      if (signal?.aborted) return reject(unanswered(what));
      signal?.addEventListener('abort', () => reject(unanswered(what)), { once: true });
      if (random.chance(faults.crash / 2)) return this.#die(actor, what);
      if (unreachable) return this.#answer(actor, 5_000, () => reject(unanswered(what)));
      const there = this.#latency() + takesMs;
      if (random.chance(faults.drop)) return this.#answer(actor, there + 5_000, () => reject(unanswered(what)));
      if (random.chance(faults.throttle)) return this.#answer(actor, there, () => reject(new TidemarkError('THROTTLED', 'slow down', { what })));
      if (random.chance(faults.late) || (faults.lateWrite > 0 && WRITES.test(what) && random.chance(faults.lateWrite))) {
        scheduler.after(random.between(1, LANDS_WITHIN_MS), () => this.#perform(actor, `${what} (late)`, effect));
        return this.#answer(actor, random.between(1, 30_000), () => reject(unanswered(what)));
      }
      const lost = random.chance(faults.lost);
      scheduler.after(there, () => {
        const result = this.#perform(actor, what, effect);
        const back = this.#latency();
        if (lost) return this.#answer(actor, back + 5_000, () => reject(unanswered(what)));
        this.#answer(actor, back, () => ('error' in result ? reject(result.error) : resolve(result.value)));
      });
    });
  }

  sleep(actor: Actor, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      signal?.addEventListener('abort', () => resolve(), { once: true });
      this.scheduler.after(ms, resolve, () => !actor.alive || signal?.aborted === true);
    });
  }

  #perform<T>(actor: Actor, what: string, effect: () => T): { value: T } | { error: unknown } {
    try {
      const value = effect();
      this.tell(actor, () => `${what} → ${brief(value)}`);
      return { value };
    } catch (error) {
      this.tell(actor, () => `${what} → ${error instanceof Error ? error.message : String(error)}`);
      return { error };
    }
  }

  #answer(actor: Actor, inMs: number, deliver: () => void): void {
    const { random, faults, scheduler } = this;
    const asleep = random.chance(faults.stall) ? random.between(30_000, 300_000) : 0;
    scheduler.after(
      inMs + asleep,
      () => (random.chance(faults.crash / 2) ? this.#die(actor, 'before it read an answer') : deliver()),
      () => !actor.alive,
    );
  }

  #die(actor: Actor, where: string): void {
    actor.alive = false;
    this.tell(actor, () => `dies: ${where}`);
  }

  #latency(): number {
    const { random } = this;
    const kind = random.next();
    if (kind < 0.8) return random.between(1, 30);
    return kind < 0.95 ? random.between(30, 1_000) : random.between(1_000, 7_000);
  }
}

function unanswered(what: string): TidemarkError {
  return new TidemarkError('UNAVAILABLE', 'no answer', { what, outcomeUnknown: true });
}

function brief(value: unknown): string {
  return value === undefined ? 'ok' : JSON.stringify(value).slice(0, 160);
}
