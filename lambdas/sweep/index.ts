/** The function of the clock. */

import { awsRuntime } from '../shared/aws-runtime.ts';
import { lookAtCanaries } from '../shared/look-at-canaries.ts';
import { publishGauges } from '../shared/publish-gauges.ts';
import { makeSweepHandler, type SweepHandler } from './handler.ts';

const runtime = awsRuntime('sweep');
export const handler: SweepHandler = makeSweepHandler(runtime, async () => {
  const canaries = new Map<string, number>();
  await lookAtCanaries(runtime, canaries);
  await publishGauges({ ...runtime, canaries }, runtime.stack);
});
