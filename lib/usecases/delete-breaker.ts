import { TidemarkError } from '../core/errors.ts';
import { BREAKER_WINDOW_MS, breakerTrips } from '../core/objects/breaker.ts';
import type { DeleteLog, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';

export interface BreakerDeps {
  readonly deletes: DeleteLog;
  readonly index: Pick<WorkIndex, 'objects'>;
  readonly clock: Clock;
}

/**
 * Asked before each delete; pauses the route's deletes when there were too many (O10). What ran is counted by DeleteLog.add.
 * @throws TidemarkError DELETES_PAUSED
 */
export async function allowDelete({ deletes, index, clock }: BreakerDeps, route: string): Promise<void> {
  const now = clock.now();
  const window = await deletes.read(route, now - BREAKER_WINDOW_MS);
  if (window.pausedAt !== null) throw paused(route);
  const objects = await index.objects(route);
  if (breakerTrips(window.deletes + 1, objects)) {
    await deletes.pause(route, now);
    throw paused(route);
  }
}

function paused(route: string): TidemarkError {
  return new TidemarkError('DELETES_PAUSED', `deletes of route ${route} are paused until a person resumes them`, {
    route,
  });
}
