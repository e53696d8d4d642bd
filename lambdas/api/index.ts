/** The function of the HTTP API. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { OldestMessage } from '../../lib/adapters/cloudwatch/oldest-message.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { awsRuntime, TIMEOUTS } from '../shared/aws-runtime.ts';
import { type ApiHandler, makeApiHandler } from './handler.ts';

const runtime = awsRuntime('api', new OldestMessage(new CloudWatchClient({ requestHandler: TIMEOUTS }), new SystemClock()));
const answer = makeApiHandler(runtime);

export const handler: ApiHandler = async (event, context) => {
  try {
    return await answer(event, context);
  } finally {
    await runtime.flush();
  }
};
