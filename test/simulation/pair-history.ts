/** What users did to a key on both sides, and which of their writes each had seen. */
import type { Region } from './pair-scenario.ts';

/** One write of a user; label null is a delete. */
export interface UserWrite {
  readonly stamp: number;
  readonly key: string;
  readonly in: Region;
  readonly label: string | null;
  readonly meta: string;
  readonly tags: string;
  readonly at: number;
  /** What stood there when it was made. */
  readonly parent: number;
  /** All that it was made in the knowledge of: its parent, and what that knew. */
  readonly seen: ReadonlySet<number>;
  /** What it deleted stood on both sides by the record. */
  readonly ofRecorded: boolean;
}

interface Held {
  readonly stamp: number;
  readonly since: number;
}

/** As long as a look and a late write of it may take. */
const LOOK_AND_LAND_MS = 130_000;

export class PairHistory {
  readonly writes = new Map<number, UserWrite>();
  readonly #held = new Map<string, Held[]>();

  held(region: Region, key: string): number {
    return this.#held.get(`${region}/${key}`)?.at(-1)?.stamp ?? 0;
  }

  hold(region: Region, key: string, stamp: number, since: number): void {
    const place = `${region}/${key}`;
    this.#held.set(place, [...(this.#held.get(place) ?? []), { stamp, since }]);
  }

  wrote(write: Omit<UserWrite, 'parent' | 'seen'>): void {
    const parent = this.held(write.in, write.key);
    const known = this.writes.get(parent)?.seen ?? [];
    this.writes.set(write.stamp, { ...write, parent, seen: new Set([...known, parent]) });
    this.hold(write.in, write.key, write.stamp, write.at);
  }

  ofKey(key: string): UserWrite[] {
    return [...this.writes.values()].filter((write) => write.key === key);
  }

  /** True when `newer` was made in the knowledge of `older`. */
  knew(newer: number, older: number): boolean {
    return newer === older || older === 0 || this.writes.get(newer)?.seen.has(older) === true;
  }

  sameContent(a: number, b: number): boolean {
    const one = this.writes.get(a);
    const other = this.writes.get(b);
    if (!one || !other) return a === b;
    return one.label === other.label && (one.label === null || (one.meta === other.meta && one.tags === other.tags));
  }

  /** True when `newer` was made in the knowledge of the same content, or of a delete of what both regions once held, by a copy or by themselves. */
  knewSame(newer: number, stamp: number): boolean {
    const write = this.writes.get(stamp);
    const seen = [...(this.writes.get(newer)?.seen ?? [])];
    const knewLike = (each: number, older: number): boolean =>
      this.knew(each, older) || [...(this.writes.get(each)?.seen ?? [])].some((theirs) => theirs !== 0 && this.sameContent(theirs, older));
    const common = (each: number): boolean => [...(write?.seen ?? [])].some((older) => older !== 0 && knewLike(each, older));
    return seen.some((each) => this.sameContent(each, stamp) && (write?.label !== null || common(each)));
  }

  /**
   * True when a conditional write could not tell `stamp` from what its look had seen: the same bytes stood there just before,
   * and an If-Match knows bytes alone.
   */
  looksUnchanged(region: Region, key: string, stamp: number, now: number): boolean {
    const label = this.writes.get(stamp)?.label;
    const places = this.#held.get(`${region}/${key}`) ?? [];
    return places.some((place, index) => {
      const heldUntil = places[index + 1]?.since ?? now;
      return place.stamp !== stamp && this.writes.get(place.stamp)?.label === label && heldUntil > now - LOOK_AND_LAND_MS;
    });
  }
}
