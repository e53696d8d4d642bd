import type { Mode } from '../run-schedules.ts';
import { type LogScenario, makeLogScenario, smallerLogs } from './scenario.ts';
import { LogWorld } from './world.ts';

export const LOG: Mode<LogScenario> = {
  make: makeLogScenario,
  world: (scenario, scheduleSeed, trace) => new LogWorld(scenario, scheduleSeed, trace),
  smallerThan: smallerLogs,
};
