import type { Drill } from '../support/drill.ts';
import { errors } from './errors.ts';
import { flaps } from './flaps.ts';
import { frozenGateway } from './frozen-gateway.ts';
import { fullRegion } from './full-region.ts';
import { fullStore } from './full-store.ts';
import { hang } from './hang.ts';
import { kill } from './kill.ts';
import { killedPromote } from './killed-promote.ts';
import { lockedStore } from './locked-store.ts';
import { returns } from './returns.ts';
import { slow } from './slow.ts';

import { twoGateways } from './two-gateways.ts';

export const DRILLS: readonly Drill[] = [
  kill,
  hang,
  returns,
  errors,
  slow,
  flaps,
  twoGateways,
  frozenGateway,
  killedPromote,
  lockedStore,
  fullRegion,
  fullStore,
];
