/**
 * The ids of a stream's newest events and their places. It remembers at least `window` of them, and at most twice as many: two generations,
 * of which the older is forgotten when the younger is full, since ids that are forgotten one by one would cost more than the rest of an append.
 */
export class RecentIds {
  /** So many of the newest it remembers surely. */
  readonly window: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(window: number) {
    this.window = window;
  }

  /** How many it remembers. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  add(id: string, sequence: number): void {
    if (this.#young.size >= this.window) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(id, sequence);
  }

  /** Where the event of this id stands; undefined: it is not among the newest. */
  find(id: string): number | undefined {
    return this.#young.get(id) ?? this.#old.get(id);
  }
}
