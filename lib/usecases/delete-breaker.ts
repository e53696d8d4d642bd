import { TidemarkError } from '../core/errors.ts';
import { BREAKER_WINDOW_MS, breakerTrips } from '../core/objects/breaker.ts';
import type { Clock, DeleteLog, WorkIndex } from '../ports.ts';

export interface BreakerDeps {
  readonly deletes: DeleteLog;
  readonly index: Pick<WorkIndex, 'stats'>;
  readonly clock: Clock;
}

/**
 * Counts one delete that is about to run, and pauses the route's deletes when there were too many (O10).
 * @throws TidemarkError DELETES_PAUSED
 */
export async function spendDelete({ deletes, index, clock }: BreakerDeps, route: string): Promise<void> {
  const now = clock.now();
  const window = await deletes.read(route, now - BREAKER_WINDOW_MS);
  if (window.pausedAt !== null) throw paused(route);
  const objects = (await index.stats()).objects[route] ?? 0;
  if (breakerTrips(window.deletes + 1, objects)) {
    await deletes.pause(route, now);
    throw paused(route);
  }
  await deletes.add(route, now, 1);
}

function paused(route: string): TidemarkError {
  return new TidemarkError('DELETES_PAUSED', `deletes of route ${route} are paused: more than 1,000 and a tenth of its keys in ten minutes`, {
    route,
  });
}
