/** Makes a failing schedule small enough to read: fewer operations, fewer faults, while the same invariant still breaks. */
import { runOne } from './run-schedules.ts';
import type { Faults, Scenario } from './scenario.ts';

export interface Shrunk {
  readonly scenario: Scenario;
  readonly scheduleSeed: number;
}

/** Other orders of events to try per smaller scenario. */
const SEEDS_PER_STEP = 150;

export async function shrink(scenario: Scenario, scheduleSeed: number, invariant: string): Promise<Shrunk> {
  let best: Shrunk = { scenario, scheduleSeed };
  for (let improved = true; improved; ) {
    improved = false;
    for (const smaller of smallerThan(best.scenario)) {
      const seed = await findSeed(smaller, best.scheduleSeed, invariant);
      if (seed === null) continue;
      best = { scenario: smaller, scheduleSeed: seed };
      improved = true;
      break;
    }
  }
  return best;
}

async function findSeed(scenario: Scenario, first: number, invariant: string): Promise<number | null> {
  for (let i = 0; i < SEEDS_PER_STEP; i++) {
    const { violations } = await runOne(scenario, first + i);
    if (violations.some((violation) => violation.invariant === invariant)) return first + i;
  }
  return null;
}

function* smallerThan(scenario: Scenario): Generator<Scenario> {
  for (let i = scenario.user.length - 1; i >= 0; i--) yield { ...scenario, user: scenario.user.filter((_, index) => index !== i) };
  for (const name of Object.keys(scenario.faults) as (keyof Faults)[]) {
    if (scenario.faults[name] !== 0) yield { ...scenario, faults: { ...scenario.faults, [name]: 0 } };
  }
  if (scenario.workers > 1) yield { ...scenario, workers: scenario.workers - 1 };
  if (scenario.poison) yield { ...scenario, poison: false };
  if (scenario.foreign) yield { ...scenario, foreign: false };
}
