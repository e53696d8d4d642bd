/** How fast a process carries what a route holds: as its throttle allows, and as the stores bear it. */
import { BURST_MS, taken, waitFor } from '../core/pace/bucket.ts';
import { grown, hasRoom, OPEN, slowed, type Window } from '../core/pace/window.ts';
import type { Route } from '../core/routes/route.ts';
import type { Clock } from '../ports/system.ts';

/** Waited for in place; what would take longer is postponed, so that it holds neither a worker nor its message. */
const PATIENCE_MS = 5_000;
/** The longest that a queue delays what it is sent. */
const LATEST_MS = 900_000;
/** Between two that come back, at least. */
const APART_MS = 10;

/** Of the window that let it in. */
export type Turn = { readonly round: number };

/** One for all looks of a process; routes do not wait for each other. */
export class Pace {
  readonly #clock: Clock;
  readonly #routes = new Map<string, RoutePace>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(route: Route): RoutePace {
    const known = this.#routes.get(route.name) ?? new RoutePace(this.#clock, route);
    this.#routes.set(route.name, known);
    return known;
  }
}

export class RoutePace {
  readonly #clock: Clock;
  readonly #rates: { readonly perSec: number; readonly cost: (bytes: number) => number; fullAt: number }[];
  readonly #waiting: AbortController[] = [];
  #window: Window = OPEN;
  #underWay = 0;
  #lastBackAt = 0;

  constructor(clock: Clock, { throttle = {} }: Route) {
    this.#clock = clock;
    const { objectsPerSec, bytesPerSec, sharedBy = 1 } = throttle;
    const rate = (perSec: number | undefined, cost: (bytes: number) => number) =>
      perSec === undefined ? [] : [{ perSec: perSec / sharedBy, cost, fullAt: 0 }];
    this.#rates = [...rate(objectsPerSec, () => 1), ...rate(bytesPerSec, (bytes) => bytes)];
  }

  /** Begins a look. @returns its turn, which `leave` ends; or how long to postpone it instead, ms */
  async enter(deadline: number): Promise<Turn | { readonly laterMs: number }> {
    if (hasRoom(this.#window, this.#underWay)) {
      this.#underWay++;
      return { round: this.#window.round };
    }
    const turn = new AbortController();
    this.#waiting.push(turn);
    await this.#clock.sleep(this.#patience(deadline), turn.signal);
    if (turn.signal.aborted) return { round: this.#window.round };
    this.#waiting.splice(this.#waiting.indexOf(turn), 1);
    return { laterMs: this.#postponed(APART_MS) };
  }

  /** Waits until one more object of so many bytes may be written. @returns how long to postpone it instead, ms; null: it may be written now */
  async take(bytes: number, deadline: number): Promise<number | null> {
    const now = this.#clock.now();
    const wait = Math.max(0, ...this.#rates.map(({ fullAt }) => waitFor(fullAt, now)));
    if (wait > this.#patience(deadline)) {
      return this.#postponed(Math.max(...this.#rates.map(({ cost, perSec }) => (cost(bytes) / perSec) * 1000)));
    }
    for (const rate of this.#rates) rate.fullAt = taken(rate.fullAt, rate.cost(bytes), rate.perSec, now);
    if (wait > 0) await this.#clock.sleep(wait);
    return null;
  }

  /** @param how `slowed`: a store asked to slow down; `carried`: something was written */
  leave({ round }: Turn, how: 'slowed' | 'carried' | 'ended'): void {
    if (how === 'slowed') this.#window = slowed(this.#window, round, this.#underWay);
    if (how === 'carried') this.#window = grown(this.#window);
    this.#underWay--;
    while (this.#waiting.length > 0 && hasRoom(this.#window, this.#underWay)) {
      this.#underWay++;
      this.#waiting.shift()?.abort();
    }
  }

  /** As late as the rate demands, and each after the one that was postponed before it: they do not all come back at once. */
  #postponed(apartMs: number): number {
    const now = this.#clock.now();
    const owed = Math.max(0, ...this.#rates.map(({ fullAt }) => waitFor(fullAt, now)));
    this.#lastBackAt = Math.min(now + LATEST_MS, Math.max(now + owed, now + BURST_MS, this.#lastBackAt + apartMs));
    return this.#lastBackAt - now;
  }

  #patience(deadline: number): number {
    return Math.max(0, Math.min(PATIENCE_MS, (deadline - this.#clock.now()) / 2));
  }
}
