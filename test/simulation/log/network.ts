/** Between a process and the store: every request takes time, may be lost, answered late or never, and may land after its sender gave up. */
import { TidemarkError } from '../../../lib/core/errors.ts';
import { PUT_LANDS_WITHIN_MS } from '../../../lib/core/log/rules.ts';
import type { Process } from '../gateway/process.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { LogFaults } from './scenario.ts';

export class LogNetwork {
  readonly scheduler: Scheduler;
  readonly random: Random;
  faults: LogFaults;
  isDown = false;
  trace: ((line: string) => void) | null = null;

  constructor(scheduler: Scheduler, random: Random, faults: LogFaults) {
    this.scheduler = scheduler;
    this.random = random;
    this.faults = faults;
  }

  tell(who: string, what: () => string): void {
    this.trace?.(`${String(this.scheduler.now - 1_700_000_000_000).padStart(9)} ms  ${who.padEnd(6)} ${what()}`);
  }

  /** Carries out `effect` at the store at some later moment, and answers the process at a still later one, if it lives. */
  call<T>(process: Process, what: string, effect: () => T): Promise<T> {
    const { random, faults, scheduler } = this;
    return new Promise<T>((resolve, reject) => {
      if (!process.alive) return;
      const refuse = (inMs: number): void => process.deliver(inMs, () => reject(unanswered(what)));
      if (random.chance(faults.crash)) this.#die(process, what);
      if (random.chance(faults.drop)) return refuse(random.between(5, 2_000));
      const late = random.chance(faults.late);
      const lost = !late && random.chance(faults.lost);
      if (late) refuse(random.between(1, 2_000));
      const there = late ? random.pick([random.between(5, 3_000), random.between(5, PUT_LANDS_WITHIN_MS)]) : this.#latency();
      scheduler.after(there, () => {
        if (this.isDown) return late ? undefined : refuse(this.#latency());
        const value = effect();
        this.tell(process.name, () => `${what}${late ? ' (late)' : ''} → ${brief(value)}`);
        if (late) return undefined;
        if (lost) return refuse(this.#latency());
        return process.deliver(this.#latency(), () => {
          if (random.chance(faults.crash)) this.#die(process, `after ${what}`);
          else resolve(value);
        });
      });
    });
  }

  /** What it has sent may land nevertheless. */
  #die(process: Process, where: string): void {
    process.die();
    this.tell(process.name, () => `dies: ${where}`);
  }

  #latency(): number {
    const kind = this.random.next();
    return kind < 0.9 ? this.random.between(1, 10) : this.random.between(10, 1_000);
  }
}

function unanswered(what: string): TidemarkError {
  return new TidemarkError('UNAVAILABLE', 'no answer', { what, outcomeUnknown: true });
}

function brief(value: unknown): string {
  return JSON.stringify(value ?? 'nothing').slice(0, 160);
}
