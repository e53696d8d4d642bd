import { makeScenario, type Scenario } from './scenario.ts';
import { type Outcome, World } from './world.ts';

export interface Found {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly outcome: Outcome;
}

/** Worlds that take turns: one turn of the event loop drains the microtasks of all of them at once. More outgrow the processor's cache. */
const SIDE_BY_SIDE = 8;

/** Runs the schedules of seeds `first` to `first + count - 1`. @returns those that violate an invariant, at most `stopAfter` */
export async function runSchedules(
  first: number,
  count: number,
  stopAfter = 1,
  onProgress?: (done: number) => void,
): Promise<{ found: Found[]; steps: number; ran: number }> {
  const found: Found[] = [];
  let next = first;
  let ran = 0;
  let steps = 0;
  const live: { seed: number; scenario: Scenario; world: World }[] = [];
  while (found.length < stopAfter) {
    while (live.length < SIDE_BY_SIDE && next < first + count) {
      const scenario = makeScenario(next);
      live.push({ seed: next, scenario, world: new World(scenario, next) });
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
export async function runOne(scenario: Scenario, scheduleSeed: number, trace?: (line: string) => void): Promise<Outcome> {
  const world = new World(scenario, scheduleSeed, trace);
  while (world.step()) await new Promise(setImmediate);
  return world.outcome();
}
