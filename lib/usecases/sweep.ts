import { lookMessage } from '../core/objects/message.ts';
import type { Route } from '../core/routes/route.ts';
import type { Queue } from '../ports/queue.ts';
import type { RoutePauses, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';

export interface SweepDeps {
  /** Those that are configured: the records of a removed one wait for its return. */
  readonly routes: readonly Route[];
  readonly index: Pick<WorkIndex, 'due'>;
  readonly pauses: Pick<RoutePauses, 'recent'>;
  readonly queue: Pick<Queue, 'send'>;
  readonly clock: Clock;
}

/**
 * Queues a look for every record whose work entry is overdue: its message was lost, or its worker died with the lease.
 * A look that was not needed after all costs a few reads. What a paused route holds waits for its resumption.
 * @returns how many were queued
 */
export async function sweep({ routes, index, pauses, queue, clock }: SweepDeps, limit: number): Promise<number> {
  const paused = await pauses.recent();
  const names = routes.map(({ name }) => name).filter((name) => !paused.has(name));
  const refs = await index.due(names, clock.now(), limit);
  if (refs.length > 0) await queue.send(refs.map(({ route, key }) => ({ body: lookMessage(route, key) })));
  return refs.length;
}
