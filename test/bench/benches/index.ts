import type { Bench } from '../support/result.ts';
import { awsCost } from './aws-cost.ts';
import { awsInit } from './aws-init.ts';
import { awsLatency } from './aws-latency.ts';
import { backfillBulk } from './backfill-bulk.ts';
import { backfillPlan } from './backfill-plan.ts';
import { copyByParts } from './copy-by-parts.ts';
import { fiveGib } from './five-gib.ts';
import { gatewayLarge } from './gateway-large.ts';
import { gatewaySmall } from './gateway-small.ts';
import { gatewaySwitch } from './gateway-switch.ts';
import { large } from './large.ts';
import { latency } from './latency.ts';
import { logArchive } from './log-archive.ts';
import { sdkVsLean } from './sdk-vs-lean.ts';
import { millionSchedules, simulator } from './simulator.ts';
import { smallServerSide } from './small-server-side.ts';
import { smallStreaming } from './small-streaming.ts';
import { verifyEqual } from './verify-equal.ts';

/** In the order in which they run: latency takes its rate from the first. The last four run only when they are named. */
export const BENCHES: readonly Bench[] = [
  smallServerSide,
  smallStreaming,
  backfillBulk,
  large,
  latency,
  sdkVsLean,
  copyByParts,
  verifyEqual,
  gatewaySmall,
  gatewayLarge,
  gatewaySwitch,
  logArchive,
  simulator,
  awsInit,
  awsCost,
  awsLatency,
  fiveGib,
  backfillPlan,
  millionSchedules,
];
