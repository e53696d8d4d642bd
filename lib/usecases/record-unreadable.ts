import { TidemarkError } from '../core/errors.ts';
import { coveredBy, fail, observe } from '../core/objects/transitions.ts';
import { DEFAULT_RETRY } from '../core/retry.ts';
import type { Clock, Ids, ReplicationState } from '../ports.ts';

/** Stands in the place of a route for messages that name no key; the message itself lies whole in the dead-letter queue. */
export const UNREADABLE_ROUTE = 'unreadable';

/** Makes a message that cannot be processed visible among the errors: nothing in a dead-letter queue is the only copy of a fact (A10). */
export async function recordUnreadable(
  deps: { readonly state: ReplicationState; readonly clock: Clock; readonly ids: Ids },
  message: { readonly messageId: string; readonly body: string },
  reason: string,
): Promise<void> {
  const { state, clock, ids } = deps;
  const stored = await state.get(UNREADABLE_ROUTE, message.messageId);
  const now = clock.now();
  const change = { op: 'UNKNOWN', key: message.messageId, origin: 's3', ts: stored?.deliveries[0]?.ts ?? now } as const;
  const record = observe(stored, UNREADABLE_ROUTE, message.messageId, [change], now);
  const error = new TidemarkError('MALFORMED_MESSAGE', `${reason}; the message begins with ${JSON.stringify(message.body.slice(0, 120))}`);
  const failure = fail(record, coveredBy(record), error, { receives: 1, policy: DEFAULT_RETRY, random: ids.random(), now });
  // Losing this race means that the same message was recorded by someone else just now.
  await state.put(failure.record, record.version);
}
