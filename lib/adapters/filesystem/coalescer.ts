/** Passes each name on once it has been quiet for a tick, so that a burst of events on a file is one look at it. */

/** A name that is never quiet, a file being copied for long, is still passed on every so many ticks. */
const MAX_TICKS = 20;

interface Pending {
  quiet: boolean;
  ticks: number;
}

export class Coalescer {
  readonly #pending = new Map<string, Pending>();
  readonly #tickMs: number;
  readonly #pass: (names: readonly string[]) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(tickMs: number, pass: (names: readonly string[]) => void) {
    this.#tickMs = tickMs;
    this.#pass = pass;
  }

  note(name: string): void {
    const known = this.#pending.get(name);
    if (known) known.quiet = false;
    else this.#pending.set(name, { quiet: false, ticks: 0 });
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs);
  }

  /** What is pending is dropped. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#pending.clear();
  }

  #tick(): void {
    const due: string[] = [];
    for (const [name, pending] of this.#pending) {
      pending.ticks++;
      if (pending.quiet || pending.ticks >= MAX_TICKS) due.push(name);
      else pending.quiet = true;
    }
    for (const name of due) this.#pending.delete(name);
    if (this.#pending.size === 0) this.close();
    if (due.length > 0) this.#pass(due);
  }
}
