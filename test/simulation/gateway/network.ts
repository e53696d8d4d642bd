/** Between a process and what it asks: every request takes time, may be lost, answered late or never, and may land after its sender gave up. */
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Process } from './process.ts';
import type { GatewayFaults, Outage, Place } from './scenario.ts';

export class GatewayNetwork {
  readonly scheduler: Scheduler;
  readonly random: Random;
  faults: GatewayFaults;
  readonly outages = new Map<Place, Outage>();
  /** `process/place`: nothing gets through. */
  readonly cuts = new Set<string>();
  trace: ((line: string) => void) | null = null;

  constructor(scheduler: Scheduler, random: Random, faults: GatewayFaults) {
    this.scheduler = scheduler;
    this.random = random;
    this.faults = faults;
  }

  tell(who: string, what: () => string): void {
    this.trace?.(`${String(this.scheduler.now - 1_700_000_000_000).padStart(8)} ms  ${who.padEnd(9)} ${what()}`);
  }

  /** Carries out `effect` at the place at some later moment, and answers the process at a still later one, if it lives. */
  call<T>(process: Process, place: Place, what: string, effect: () => T): Promise<T> {
    const { random, faults, scheduler } = this;
    return new Promise<T>((resolve, reject) => {
      if (!process.alive) return;
      const refuse = (inMs: number): void => process.deliver(inMs, () => reject(unanswered(what)));
      if (random.chance(faults.crash)) {
        this.#die(process, what);
        return;
      }
      const isCut = this.cuts.has(`${process.name}/${place}`);
      if (isCut || random.chance(faults.drop)) {
        refuse(isCut ? random.pick([5, 2_000, 90_000]) : random.between(1_000, 8_000));
        return;
      }
      const late = random.chance(faults.late);
      const lost = !late && random.chance(faults.lost);
      const there = late ? random.between(1_000, 30_000) : this.#latency();
      if (late) refuse(random.between(1, 8_000));
      scheduler.after(there, () => {
        const outage = this.outages.get(place);
        if (outage !== undefined && outage !== 'slow') {
          if (!late) refuse(outage === 'hangs' ? 90_000 : this.#latency());
          return;
        }
        const result = this.#perform(process, `${what}${late ? ' (late)' : ''}`, effect);
        if (late) return;
        const back = outage === 'slow' ? random.between(2_000, 8_000) : this.#latency();
        if (lost) {
          refuse(back + 5_000);
          return;
        }
        process.deliver(back, () => {
          if (random.chance(faults.crash)) this.#die(process, `after ${what}`);
          else if ('error' in result) reject(result.error);
          else resolve(result.value);
        });
      });
    });
  }

  #perform<T>(process: Process, what: string, effect: () => T): { value: T } | { error: unknown } {
    try {
      const value = effect();
      this.tell(process.name, () => `${what} → ${brief(value)}`);
      return { value };
    } catch (error) {
      return { error };
    }
  }

  #die(process: Process, where: string): void {
    process.die();
    this.tell(process.name, () => `dies: ${where}`);
  }

  #latency(): number {
    const kind = this.random.next();
    if (kind < 0.85) return this.random.between(1, 30);
    return kind < 0.97 ? this.random.between(30, 1_000) : this.random.between(1_000, 4_000);
  }
}

function unanswered(what: string): TidemarkError {
  return new TidemarkError('UNAVAILABLE', 'no answer', { what, outcomeUnknown: true });
}

function brief(value: unknown): string {
  return value === undefined ? 'ok' : JSON.stringify(value).slice(0, 200);
}
