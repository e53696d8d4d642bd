/**
 * The two regions and what carries writes between them, as simply as the gateway needs it: the newest write of a key by its region's clock
 * wins on both sides. How that is really done has a simulator of its own.
 */
import type { Scheduler } from '../scheduler.ts';
import { REGIONS, type Region } from './scenario.ts';

/** What a write left: bytes, or their absence. */
export interface Landed {
  readonly key: string;
  readonly value: string | null;
  readonly at: number;
  readonly region: Region;
}

export class Pair {
  readonly #scheduler: Scheduler;
  readonly #skews: Readonly<Record<Region, number>>;
  readonly #held: Readonly<Record<Region, Map<string, Landed>>> = { east: new Map(), west: new Map() };
  readonly #isUp: (region: Region) => boolean;
  /** Every write that a region took, in no order. */
  readonly landed: Landed[] = [];
  readonly #waiting = new Map<string, number>();
  #settling = false;

  constructor(scheduler: Scheduler, skews: Readonly<Record<Region, number>>, isUp: (region: Region) => boolean) {
    this.#scheduler = scheduler;
    this.#skews = skews;
    this.#isUp = isUp;
  }

  get(region: Region, key: string): string | null {
    return this.#held[region].get(key)?.value ?? null;
  }

  /** A write of a user; its change is on its way. */
  put(region: Region, key: string, value: string | null): void {
    const landed = { key, value, at: this.#scheduler.now + this.#skews[region], region };
    this.landed.push(landed);
    this.#held[region].set(key, landed);
    this.look(key);
  }

  /** Since when the oldest change waits to be carried, ms; null: none does. */
  waitingSince(): number | null {
    return this.#waiting.size === 0 ? null : Math.min(...this.#waiting.values());
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Queues a look at the key: all that a repair may do. */
  look(key: string): void {
    if (!this.#waiting.has(key)) this.#waiting.set(key, this.#scheduler.now);
    this.#later(700);
  }

  /** What a gateway that read the key at the other region asks for. */
  repair(key: string, _from: Region, _to: Region): void {
    this.look(key);
  }

  /** When all has been carried, every key is on both sides what the newest write of it left. @returns what is wrong */
  problems(): readonly string[] {
    return [...new Set(this.landed.map(({ key }) => key))].flatMap((key) => {
      const newest = this.landed.filter((landed) => landed.key === key).reduce((one, other) => (isNewer(one, other) ? one : other));
      return REGIONS.filter((region) => this.#held[region].get(key)?.value !== newest.value).map(
        (region) => `${key}: ${region} holds ${this.get(region, key) ?? 'nothing'}, and the newest write left ${newest.value ?? 'nothing'}`,
      );
    });
  }

  #later(inMs: number): void {
    if (this.#settling) return;
    this.#settling = true;
    this.#scheduler.after(inMs, () => {
      this.#settling = false;
      if (!REGIONS.every((region) => this.#isUp(region))) return this.#later(3_000);
      for (const key of this.#waiting.keys()) this.#settle(key);
      this.#waiting.clear();
    });
  }

  #settle(key: string): void {
    const [east, west] = [this.#held.east.get(key), this.#held.west.get(key)];
    if (east && (!west || isNewer(east, west))) this.#held.west.set(key, east);
    else if (west) this.#held.east.set(key, west);
  }
}

function isNewer(one: Landed, other: Landed): boolean {
  return one.at > other.at || (one.at === other.at && one.region < other.region);
}
