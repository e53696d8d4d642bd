import { lookMessage } from '../core/objects/message.ts';
import type { Clock, Queue, WorkIndex } from '../ports.ts';

/**
 * Queues a look for every record whose work entry is overdue: its message was lost, or its worker died with the lease.
 * A look that was not needed after all costs a few reads.
 * @returns how many were queued
 */
export async function sweep(
  deps: { readonly index: Pick<WorkIndex, 'due'>; readonly queue: Pick<Queue, 'send'>; readonly clock: Clock },
  limit: number,
): Promise<number> {
  const refs = await deps.index.due(deps.clock.now(), limit);
  if (refs.length > 0) await deps.queue.send(refs.map(({ route, key }) => ({ body: lookMessage(route, key) })));
  return refs.length;
}
