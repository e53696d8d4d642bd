import { makePairScenario, type PairScenario, smallerPairs } from './pair-scenario.ts';
import { PairWorld } from './pair-world.ts';
import type { Mode } from './run-schedules.ts';
import { makeScenario, smallerThan } from './scenario.ts';
import type { Scenario } from './scenario-shape.ts';
import { World } from './world.ts';

export const ONE_WAY: Mode<Scenario> = {
  make: makeScenario,
  world: (scenario, scheduleSeed, trace) => new World(scenario, scheduleSeed, trace),
  smallerThan,
};

export const BIDIRECTIONAL: Mode<PairScenario> = {
  make: makePairScenario,
  world: (scenario, scheduleSeed, trace) => new PairWorld(scenario, scheduleSeed, trace),
  smallerThan: smallerPairs,
};
