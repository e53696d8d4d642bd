import type { Outcome } from './world.ts';

/** A kind of schedules. */
export interface Mode<S> {
  readonly make: (seed: number) => S;
  readonly world: (scenario: S, scheduleSeed: number, trace?: (line: string) => void) => { step(): boolean; outcome(): Outcome };
  /** Scenarios with less in them, to find what matters. */
  readonly smallerThan: (scenario: S) => Iterable<S>;
}

export interface Found<S> {
  readonly seed: number;
  readonly scenario: S;
  readonly outcome: Outcome;
}

/** Worlds that take turns: one turn of the event loop drains the microtasks of all of them at once. More outgrow the processor's cache. */
const SIDE_BY_SIDE = 8;

/** Runs the schedules of seeds `first` to `first + count - 1`. @returns those that violate an invariant, at most `stopAfter` */
export async function runSchedules<S>(
  mode: Mode<S>,
  first: number,
  count: number,
  stopAfter = 1,
  onProgress?: (done: number) => void,
): Promise<{ found: Found<S>[]; steps: number; ran: number }> {
  const found: Found<S>[] = [];
  let next = first;
  let ran = 0;
  let steps = 0;
  const live: { seed: number; scenario: S; world: ReturnType<Mode<S>['world']> }[] = [];
  while (found.length < stopAfter) {
    while (live.length < SIDE_BY_SIDE && next < first + count) {
      const scenario = mode.make(next);
      live.push({ seed: next, scenario, world: mode.world(scenario, next) });
      next++;
    }
    if (live.length === 0) break;
    for (let i = live.length - 1; i >= 0; i--) {
      const running = live[i];
      if (!running || running.world.step()) continue;
      live.splice(i, 1);
      const outcome = running.world.outcome();
      ran++;
      steps += outcome.steps;
      if (outcome.violations.length > 0) found.push({ seed: running.seed, scenario: running.scenario, outcome });
      onProgress?.(ran);
    }
    await new Promise(setImmediate);
  }
  return { found, steps, ran };
}

/** One schedule by itself. */
export async function runOne<S>(mode: Mode<S>, scenario: S, scheduleSeed: number, trace?: (line: string) => void): Promise<Outcome> {
  const world = mode.world(scenario, scheduleSeed, trace);
  while (world.step()) await new Promise(setImmediate);
  return world.outcome();
}
