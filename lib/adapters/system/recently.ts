import type { Clock } from '../../ports/system.ts';

const RECENT_MS = 1_000;

/** What was read up to a second ago, for who may be so late: one read a second at most, however often it is asked for. */
export class Recently<T> {
  readonly #clock: Clock;
  readonly #read: () => Promise<T>;
  #known: { readonly at: number; readonly value: Promise<T> } | null = null;

  constructor(clock: Clock, read: () => Promise<T>) {
    this.#clock = clock;
    this.#read = read;
  }

  get(): Promise<T> {
    const now = this.#clock.now();
    if (this.#known && now - this.#known.at < RECENT_MS) return this.#known.value;
    const known = { at: now, value: this.#read() };
    this.#known = known;
    known.value.catch(() => {
      if (this.#known === known) this.#known = null;
    });
    return known.value;
  }

  /** To be called once a change of one's own is written: it is known at once then. */
  forget(): void {
    this.#known = null;
  }
}
