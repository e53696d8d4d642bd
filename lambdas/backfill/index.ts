/** The function of a backfill's workflow. */
import { SFNClient } from '@aws-sdk/client-sfn';
import { StepFunctionsWorkflow } from '../../lib/adapters/step-functions/index.ts';
import { readFunctionEnv } from '../../lib/config/function-env.ts';
import { asTidemarkError } from '../../lib/core/errors.ts';
import { awsReports } from '../shared/aws-reports.ts';
import { awsRuntime } from '../shared/aws-runtime.ts';
import { TIMEOUTS } from '../shared/aws-timeouts.ts';
import { type BackfillHandler, makeBackfillHandler } from './handler.ts';

/** SQS holds any number; so many are worked off while the workflow waits for room. */
const MOST_WAITING = 100_000;
/** A function that stands by is paid for: the workflow waits instead. */
const PATIENCE_MS = 2_000;

/** Of an object that is read whole on both sides, a few at a time, within what is left of a step: bytes. */
const DEEP_MOST = 256 * 1024 * 1024;

const { config, backfillMachineArn = '' } = readFunctionEnv(process.env);
const workflow = new StepFunctionsWorkflow(new SFNClient({ requestHandler: TIMEOUTS }), backfillMachineArn);
const runtime = { ...awsRuntime('backfill'), ...awsReports(), workflow };
const answer = makeBackfillHandler(runtime, {
  mostWaiting: MOST_WAITING,
  patienceMs: PATIENCE_MS,
  graceMs: config.limits.verifyGraceSec * 1000,
  deleteGraceMs: config.limits.deleteGraceSec * 1000,
  deepMost: DEEP_MOST,
  schedules: runtime.schedules,
});

export const handler: BackfillHandler = async (step, context) => {
  try {
    return await answer(step, context);
  } catch (thrown) {
    const { code, message } = asTidemarkError(thrown);
    // By its name the workflow knows an error, and by nothing else.
    throw Object.assign(new Error(message), { name: code });
  }
};
