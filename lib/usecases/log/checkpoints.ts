import { TidemarkError } from '../../core/errors.ts';
import { type Checkpoint, moved } from '../../core/log/checkpoint.ts';
import { checkedCursor } from '../../core/log/cursor.ts';
import { checkedName, checkedStream } from '../../core/log/invalid.ts';
import type { CheckpointStore } from '../../ports/log-store.ts';
import type { Clock } from '../../ports/system.ts';

export interface CheckpointDeps {
  readonly checkpoints: CheckpointStore;
  readonly clock: Clock;
}

const MAX_SUBSCRIBER = 256;
const TRIES = 10;

/**
 * Notes how far a subscriber has come: call it once the events up to there are dealt with.
 * @param cursor as a batch has it
 * @param options `force`: go back, so that the subscriber gets again what lies behind
 * @returns what is stored now
 * @throws TidemarkError INVALID_INPUT; CHECKPOINT_BEHIND for a place before the stored one; otherwise as the store
 */
export async function saveCheckpoint(
  { checkpoints, clock }: CheckpointDeps,
  stream: string,
  subscriberId: string,
  cursor: unknown,
  { force = false }: { readonly force?: boolean } = {},
): Promise<Checkpoint> {
  const subscriber = checkedSubscriber(subscriberId);
  const wanted = checkedCursor(cursor, checkedStream(stream));
  for (let tries = 1; tries <= TRIES; tries++) {
    const known = await checkpoints.get(stream, subscriber);
    const next = moved(known, subscriber, wanted, clock.now(), force);
    if (next === null && known !== null) return known;
    if (next !== null && (await checkpoints.put(next))) return next;
  }
  throw new TidemarkError('THROTTLED', `the checkpoint of ${subscriber} in ${stream} is saved by too many at once`, { stream, subscriber });
}

/** @returns null when the subscriber has none in this stream */
export function getCheckpoint({ checkpoints }: CheckpointDeps, stream: string, subscriberId: string): Promise<Checkpoint | null> {
  return checkpoints.get(checkedStream(stream), checkedSubscriber(subscriberId));
}

function checkedSubscriber(value: unknown): string {
  return checkedName(value, 'subscriberId', MAX_SUBSCRIBER);
}

const A_PAGE = 1_000;

/** Of all subscribers of a stream, in the order of the store. */
export async function listCheckpoints({ checkpoints }: CheckpointDeps, stream: string): Promise<readonly Checkpoint[]> {
  const all: Checkpoint[] = [];
  for (let page = await checkpoints.list(checkedStream(stream), '', A_PAGE); page.length > 0; ) {
    all.push(...page);
    page = await checkpoints.list(stream, all.at(-1)?.subscriberId ?? '', A_PAGE);
  }
  return all;
}
