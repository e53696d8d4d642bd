import type { Mode } from '../run-schedules.ts';
import { type ArchiveScenario, makeArchiveScenario, smallerArchives } from './scenario.ts';
import { ArchiveWorld } from './world.ts';

export const ARCHIVE: Mode<ArchiveScenario> = {
  make: makeArchiveScenario,
  world: (scenario, scheduleSeed, trace) => new ArchiveWorld(scenario, scheduleSeed, trace),
  smallerThan: smallerArchives,
};
