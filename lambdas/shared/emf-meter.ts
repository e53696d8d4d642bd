import type { Measure, Meter } from '../../lib/ports/meter.ts';
import type { Clock } from '../../lib/ports/system.ts';
import { type EmfMetric, emfLine, MOST_VALUES, type Unit, writeLine } from './emf.ts';

/** Gathers what the looks of a call came to, and says it in one line: counts by stack, since the route of each would be paid for. */
export class EmfMeter implements Meter {
  readonly #stack: string;
  readonly #clock: Clock;
  readonly #write: (line: string) => void;
  #sums = { Done: 0, Failed: 0, FailedAttempts: 0, Bytes: 0 };
  #seconds: number[] = [];

  constructor(stack: string, clock: Clock, write: (line: string) => void = writeLine) {
    this.#stack = stack;
    this.#clock = clock;
    this.#write = write;
  }

  look({ done, errors, code, bytes, durationsMs }: Measure): void {
    this.#sums.Done += done;
    this.#sums.Failed += errors;
    this.#sums.FailedAttempts += code === undefined ? 0 : 1;
    this.#sums.Bytes += bytes;
    for (const ms of durationsMs) if (this.#seconds.length < MOST_VALUES) this.#seconds.push(ms / 1000);
  }

  /** Writes nothing where nothing happened: what is zero costs as much as what is not. */
  flush(): void {
    const metrics: Record<string, EmfMetric> = {};
    for (const [name, value] of Object.entries(this.#sums)) if (value > 0) metrics[name] = { unit: unitOf(name), value };
    if (this.#seconds.length > 0) metrics.ReplicationTime = { unit: 'Seconds', value: this.#seconds };
    this.#sums = { Done: 0, Failed: 0, FailedAttempts: 0, Bytes: 0 };
    this.#seconds = [];
    if (Object.keys(metrics).length > 0) this.#write(emfLine({ at: this.#clock.now(), dimensions: { Stack: this.#stack }, metrics }));
  }
}

function unitOf(name: string): Unit {
  return name === 'Bytes' ? 'Bytes' : 'Count';
}
