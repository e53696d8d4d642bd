/** The function of the dead-letter queue. */
import { awsRuntime } from '../shared/aws-runtime.ts';
import { withNotifications } from '../shared/eventbridge.ts';
import { type DeadLetterHandler, makeDeadLetterHandler } from './handler.ts';

const runtime = awsRuntime('dead-letters');
const record = makeDeadLetterHandler(runtime);

export const handler: DeadLetterHandler = async (event, context) => {
  try {
    return await record(withNotifications(event), context);
  } finally {
    await runtime.flush();
  }
};
