import { TidemarkError } from '../core/errors.ts';
import { shortHash } from '../core/hash.ts';
import type { ReplicationRecord } from '../core/objects/record.ts';
import { coveredBy, fail, observe } from '../core/objects/transitions.ts';
import { DEFAULT_RETRY } from '../core/retry.ts';
import type { ReplicationState } from '../ports/replication-state.ts';
import type { Clock, Ids } from '../ports/system.ts';

/** Stands in the place of a route for messages that name no key; the message itself lies whole in the dead-letter queue. */
export const UNREADABLE_ROUTE = 'unreadable';

/**
 * Makes a message that cannot be processed visible among the errors: nothing in a dead-letter queue is the only copy of a fact (A10).
 * It is known by its body: a redrive gives it another id, and it must not become another error.
 */
export async function recordUnreadable(
  deps: { readonly state: ReplicationState; readonly clock: Clock; readonly ids: Ids },
  { body }: { readonly body: string },
  reason: string,
): Promise<void> {
  const { state, clock, ids } = deps;
  const key = `${shortHash(body)}-${body.length}`;
  const stored = await state.get(UNREADABLE_ROUTE, key);
  if (stored?.deliveries.some(({ status }) => status === 'error')) return;
  const now = clock.now();
  // Later than what it was set aside as: two of one moment would be one delivery.
  const ts = Math.max(now, ...(stored?.deliveries ?? []).map((delivery) => delivery.ts + 1));
  const record = observe(stored, UNREADABLE_ROUTE, key, [{ op: 'UNKNOWN', key, origin: 's3', ts }], now);
  const error = new TidemarkError('MALFORMED_MESSAGE', `${reason}; the message begins with ${JSON.stringify(body.slice(0, 120))}`);
  const failure = fail(record, coveredBy(record), error, { policy: DEFAULT_RETRY, random: ids.random(), now });
  // Losing this race means that the same message was recorded by someone else just now.
  await state.put(failure.record, record.version);
}

/** The record of an unreadable message that is about to come back: it is recorded anew if it is still unreadable. */
export function setAside(record: ReplicationRecord, now: number): ReplicationRecord {
  const deliveries = record.deliveries.map((delivery) =>
    delivery.status === 'error' ? { ...delivery, status: 'superseded' as const, updatedAt: now } : delivery,
  );
  return { ...record, deliveries, version: record.version + 1, updatedAt: now };
}
