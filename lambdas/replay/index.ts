/** The function of the events and work queues. */
import { awsRuntime } from '../shared/aws-runtime.ts';
import { withNotifications } from '../shared/eventbridge.ts';
import { makeReplayHandler, type ReplayHandler } from './handler.ts';

const runtime = awsRuntime('replay');
const handlers = new Map<string, ReplayHandler>();

export const handler: ReplayHandler = async (event, context) => {
  try {
    return await handlerOf(event.Records?.[0]?.eventSourceARN ?? '')(withNotifications(event), context);
  } finally {
    await runtime.flush();
  }
};

/** All messages of a call come from one queue, and what is given back goes there. */
function handlerOf(source: string): ReplayHandler {
  const made = handlers.get(source) ?? makeReplayHandler({ ...runtime, queue: runtime.queue.receivedFrom(source) });
  handlers.set(source, made);
  return made;
}
