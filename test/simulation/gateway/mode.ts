import type { Mode } from '../run-schedules.ts';
import { type GatewayScenario, makeGatewayScenario, smallerGateways } from './scenario.ts';
import { GatewayWorld } from './world.ts';

export const GATEWAY: Mode<GatewayScenario> = {
  make: makeGatewayScenario,
  world: (scenario, scheduleSeed, trace) => new GatewayWorld(scenario, scheduleSeed, trace),
  smallerThan: smallerGateways,
};
