import { lookMessage } from '../core/objects/message.ts';
import type { Route } from '../core/routes/route.ts';
import type { Queue } from '../ports/queue.ts';
import type { WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';

export interface SweepDeps {
  /** Those that are configured: the records of a removed one wait for its return. */
  readonly routes: readonly Route[];
  readonly index: Pick<WorkIndex, 'due'>;
  readonly queue: Pick<Queue, 'send'>;
  readonly clock: Clock;
}

/**
 * Queues a look for every record whose work entry is overdue: its message was lost, or its worker died with the lease.
 * A look that was not needed after all costs a few reads.
 * @returns how many were queued
 */
export async function sweep({ routes, index, queue, clock }: SweepDeps, limit: number): Promise<number> {
  const names = routes.map(({ name }) => name);
  const refs = await index.due(names, clock.now(), limit);
  if (refs.length > 0) await queue.send(refs.map(({ route, key }) => ({ body: lookMessage(route, key) })));
  return refs.length;
}
