/** Virtual time: what happens next is what is due first; chance decides when things are due. */

/** A worker's invocation (or the user, the operator): what it awaits never resolves once it is dead. */
export class Actor {
  readonly name: string;
  /** Added to true time by its own clock, ms. */
  readonly skew: number;
  /** When it was started. */
  since = 0;
  alive = true;

  constructor(name: string, skew = 0) {
    this.name = name;
    this.skew = skew;
  }
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  readonly cancelled?: () => boolean;
}

export class Scheduler {
  now = 1_700_000_000_000;
  steps = 0;
  #order = 0;
  readonly #heap: Event[] = [];

  after(ms: number, run: () => void, cancelled?: () => boolean): void {
    this.#push({ at: this.now + ms, order: this.#order++, run, ...(cancelled ? { cancelled } : {}) });
  }

  /** Runs what is due next. @returns false when nothing is left */
  step(): boolean {
    for (;;) {
      const event = this.#pop();
      if (!event) return false;
      if (event.cancelled?.()) continue;
      this.now = Math.max(this.now, event.at);
      this.steps++;
      event.run();
      return true;
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let child = heap.length;
    heap.push(event);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = heap[parent];
      if (!above || !earlier(event, above)) break;
      heap[child] = above;
      child = parent;
    }
    heap[child] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      let below = heap[child];
      if (!below) break;
      const right = heap[child + 1];
      if (right && earlier(right, below)) {
        child++;
        below = right;
      }
      if (!earlier(below, last)) break;
      heap[parent] = below;
      parent = child;
    }
    heap[parent] = last;
    return first;
  }
}

function earlier(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
