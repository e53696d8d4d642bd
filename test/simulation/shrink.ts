/** Makes a failing schedule small enough to read: fewer operations, fewer faults, while the same invariant still breaks. */
import { type Mode, runOne } from './run-schedules.ts';

export interface Shrunk<S> {
  readonly scenario: S;
  readonly scheduleSeed: number;
}

/** Other orders of events to try per smaller scenario. */
const SEEDS_PER_STEP = 150;

export async function shrink<S>(mode: Mode<S>, scenario: S, scheduleSeed: number, invariant: string): Promise<Shrunk<S>> {
  let best: Shrunk<S> = { scenario, scheduleSeed };
  for (let improved = true; improved; ) {
    improved = false;
    for (const smaller of mode.smallerThan(best.scenario)) {
      const seed = await findSeed(mode, smaller, best.scheduleSeed, invariant);
      if (seed === null) continue;
      best = { scenario: smaller, scheduleSeed: seed };
      improved = true;
      break;
    }
  }
  return best;
}

async function findSeed<S>(mode: Mode<S>, scenario: S, first: number, invariant: string): Promise<number | null> {
  for (let i = 0; i < SEEDS_PER_STEP; i++) {
    const { violations } = await runOne(mode, scenario, first + i);
    if (violations.some((violation) => violation.invariant === invariant)) return first + i;
  }
  return null;
}
