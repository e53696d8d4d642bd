/**
 * Bounds the memory of streamed bodies, however many keys are replayed at once: large ones wait their turn, first come, first served.
 * Small bodies pass: they are held whole for a moment only.
 */
export class TransferGate {
  readonly #capacity: number;
  readonly #waiting: { readonly weight: number; readonly enter: () => void }[] = [];
  #used = 0;

  /** @param capacity bytes that all large bodies together may hold */
  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.#capacity = capacity;
  }

  /** Runs `transfer` when there is room for a body of `size` bytes. */
  async run<T>(size: number, transfer: () => Promise<T>): Promise<T> {
    if (size <= SMALL) return transfer();
    // An upload holds a few parts at a time, never more than this, whatever the object's size.
    const weight = Math.min(size, MOST_PER_BODY, this.#capacity);
    await this.#enter(weight);
    try {
      return await transfer();
    } finally {
      this.#used -= weight;
      this.#admit();
    }
  }

  #enter(weight: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#used + weight <= this.#capacity) {
      this.#used += weight;
      return undefined;
    }
    return new Promise((enter) => {
      this.#waiting.push({ weight, enter });
    });
  }

  #admit(): void {
    for (let first = this.#waiting[0]; first && this.#used + first.weight <= this.#capacity; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#used += first.weight;
      first.enter();
    }
  }
}

const MIB = 1024 * 1024;
const SMALL = 256 * 1024;
const MOST_PER_BODY = 40 * MIB;
const DEFAULT_CAPACITY = 80 * MIB;
