/** The function of the HTTP API. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SFNClient } from '@aws-sdk/client-sfn';
import { OldestMessage } from '../../lib/adapters/cloudwatch/oldest-message.ts';
import { StepFunctionsWorkflow } from '../../lib/adapters/step-functions/index.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { readFunctionEnv } from '../../lib/config/function-env.ts';
import { awsReports } from '../shared/aws-reports.ts';
import { awsRuntime } from '../shared/aws-runtime.ts';
import { TIMEOUTS } from '../shared/aws-timeouts.ts';
import { type ApiHandler, makeApiHandler } from './handler.ts';

const runtime = awsRuntime('api', new OldestMessage(new CloudWatchClient({ requestHandler: TIMEOUTS }), new SystemClock()));
const { backfillMachineArn = '' } = readFunctionEnv(process.env);
const workflow = new StepFunctionsWorkflow(new SFNClient({ requestHandler: TIMEOUTS }), backfillMachineArn);
const answer = makeApiHandler({ ...runtime, ...awsReports(), workflow });

export const handler: ApiHandler = async (event, context) => {
  try {
    return await answer(event, context);
  } finally {
    await runtime.flush();
  }
};
