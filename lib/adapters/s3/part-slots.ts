/** So many parts under way at once, whichever uploads they are of: many uploads together must not hold four parts each. */
export class PartSlots {
  readonly #slots: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];
  readonly #spare: Buffer<ArrayBuffer>[] = [];

  constructor(slots: number) {
    this.#slots = slots;
    this.#free = slots;
  }

  /** Waits for its turn; `leave` gives the slot back. */
  async enter(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** @param buffer is used again; none where something may still read it */
  leave(buffer?: Buffer<ArrayBuffer>): void {
    if (buffer && this.#spare.length < this.#slots) this.#spare.push(buffer);
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }

  buffer(bytes: number): Buffer<ArrayBuffer> {
    const spare = this.#spare.pop();
    return spare?.length === bytes ? spare : Buffer.allocUnsafeSlow(bytes);
  }
}
