/** The function of the HTTP API. */
import { awsRuntime } from '../shared/aws-runtime.ts';
import { type ApiHandler, makeApiHandler } from './handler.ts';

const runtime = awsRuntime('api');
const answer = makeApiHandler(runtime);

export const handler: ApiHandler = async (event, context) => {
  try {
    return await answer(event, context);
  } finally {
    await runtime.flush();
  }
};
