import { type CompletionEvent, completionEvents } from '../core/objects/completion-event.ts';
import type { Route } from '../core/routes/route.ts';
import type { KeyOutcome } from './key-job.ts';

interface Told {
  readonly route: Route;
  readonly key: string;
  /** Behind the look; none where a person asked for it. */
  readonly messages: Iterable<{ readonly receiveCount: number; readonly sentAt?: number }>;
}

/** The queue's clock against a worker's. */
const CLOCKS_DIFFER_MS = 5_000;

/**
 * What a look has to tell: of what it ended. A message that was received before may be of a worker that ended something and died before
 * it told of that, and one that finds nothing to do may have been overtaken by such a worker: it tells of all that ended since it was sent.
 * @param startedAt of the look, ms since the epoch
 */
export function endedEvents({ route, key, messages }: Told, outcome: KeyOutcome, startedAt: number): readonly CompletionEvent[] {
  if (outcome.kind !== 'settled' && outcome.kind !== 'failed') return [];
  const ended = outcome.kind === 'settled' ? outcome.done : outcome.errors;
  const all = [...messages];
  const isFirst = ended > 0 && all.every(({ receiveCount }) => receiveCount === 1);
  const sent = all.map(({ sentAt }) => (sentAt ?? 0) - CLOCKS_DIFFER_MS);
  return completionEvents(route, key, outcome.deliveries, isFirst || sent.length === 0 ? startedAt : Math.min(...sent));
}
