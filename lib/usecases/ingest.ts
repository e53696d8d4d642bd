import type { ObjectChange } from '../core/change.ts';
import { TidemarkError } from '../core/errors.ts';
import { deliveryId, FINAL } from '../core/objects/delivery.ts';
import { lookMessage } from '../core/objects/message.ts';
import { emptyRecord } from '../core/objects/record.ts';
import { accept } from '../core/objects/transitions.ts';
import type { Route } from '../core/routes/route.ts';
import type { OutgoingMessage, Queue } from '../ports/queue.ts';
import type { ReplicationState } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';
import { eachAtOnce } from './each-at-once.ts';

export interface IngestDeps {
  readonly state: ReplicationState;
  readonly queue: Pick<Queue, 'send'>;
  readonly clock: Clock;
}

export interface RoutedChange {
  readonly route: Route;
  readonly change: ObjectChange;
}

export interface Ingested {
  readonly id: string;
  readonly status: 'accepted' | 'duplicate';
}

const KEYS_AT_ONCE = 64;
const MAX_RACES = 20;

/**
 * Accepts an application's own changes: recorded first, so that each is seen whatever becomes of its message, then queued.
 * @returns one answer per change, in the order given
 */
export async function ingest(deps: IngestDeps, changes: readonly RoutedChange[]): Promise<readonly Ingested[]> {
  const byKey = new Map<string, RoutedChange[]>();
  for (const routed of changes) {
    const name = `${routed.route.name}\n${routed.change.key}`;
    byKey.set(name, [...(byKey.get(name) ?? []), routed]);
  }
  const known = new Set<string>();
  const queued: OutgoingMessage[] = [];
  await eachAtOnce(byKey.values(), KEYS_AT_ONCE, async (group) => {
    const message = await inTurn(deps.state, `${group[0]?.route.name}\n${group[0]?.change.key}`, () => acceptKey(deps, group, known));
    if (message) queued.push(message);
  });
  if (queued.length > 0) await deps.queue.send(queued);
  const seen = new Set(known);
  return changes.map(({ route, change }) => {
    const id = deliveryId(route.name, change);
    const status = seen.has(id) ? 'duplicate' : 'accepted';
    seen.add(id);
    return { id, status };
  });
}

/** By the store and the key: the last of those who wait for their turn. */
const turns = new WeakMap<object, Map<string, Promise<unknown>>>();

/** One after the other in this process: many at once would each write what the first one of them outdates. */
async function inTurn<T>(state: object, key: string, work: () => Promise<T>): Promise<T> {
  const waiting = turns.get(state) ?? new Map<string, Promise<unknown>>();
  turns.set(state, waiting);
  const before = waiting.get(key);
  const own = before ? before.then(work, work) : work();
  waiting.set(key, own);
  try {
    return await own;
  } finally {
    if (waiting.get(key) === own) waiting.delete(key);
  }
}

/** @returns the message to send; undefined when all of it was known and settled */
async function acceptKey({ state, clock }: IngestDeps, group: readonly RoutedChange[], known: Set<string>): Promise<OutgoingMessage | undefined> {
  const [first] = group;
  if (!first) return undefined;
  const { route, change } = first;
  for (let race = 0; race < MAX_RACES; race++) {
    const record = (await state.get(route.name, change.key)) ?? emptyRecord(route.name, change.key, clock.now());
    const ids = new Map(record.deliveries.map(({ id, status }) => [id, status]));
    const fresh = group.map((routed) => routed.change).filter((each) => !ids.has(deliveryId(route.name, each)));
    const repeated = group.map((routed) => deliveryId(route.name, routed.change)).filter((id) => ids.has(id));
    if (fresh.length > 0) {
      if (!(await state.put(accept(record, fresh, clock.now()), record.version))) continue;
    }
    for (const id of repeated) known.add(id);
    // A former call may have died between recording and queueing: a repeated event that still waits is queued again.
    const waits = repeated.some((id) => !FINAL[ids.get(id) ?? 'done']);
    return fresh.length > 0 || waits ? { body: lookMessage(route.name, change.key) } : undefined;
  }
  throw new TidemarkError('THROTTLED', 'the record of the key is written by too many at once', { key: change.key });
}
