import { TidemarkError } from '../core/errors.ts';
import { BREAKER_WINDOW_MS, breakerTrips } from '../core/objects/breaker.ts';
import type { AuditTrail } from '../ports/audit.ts';
import type { DeleteLog, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';

export interface BreakerDeps {
  readonly deletes: DeleteLog;
  readonly index: Pick<WorkIndex, 'objects'>;
  readonly audit: Pick<AuditTrail, 'note'>;
  readonly clock: Clock;
}

const MINUTE_MS = 60_000;

/** Until when a person who accepts deletes at `at` lets any number run: until the minute of `at`, which is counted whole, has left the window. */
export function acceptedUntil(at: number): number {
  return (Math.floor((at + BREAKER_WINDOW_MS) / MINUTE_MS) + 1) * MINUTE_MS;
}

/**
 * Asked before each delete; pauses the route's deletes when there were too many (O10). What ran is counted by DeleteLog.add.
 * @throws TidemarkError DELETES_PAUSED
 */
export async function allowDelete({ deletes, index, audit, clock }: BreakerDeps, route: string): Promise<void> {
  const now = clock.now();
  const window = await deletes.read(route, now - BREAKER_WINDOW_MS);
  if (window.pausedAt !== null) throw paused(route);
  if (now < (window.acceptedUntil ?? 0)) return;
  const objects = await index.objects(route);
  if (breakerTrips(window.deletes + 1, objects)) {
    await pauseDeletes({ deletes, audit, clock }, route, 'too many at once', { deletes: window.deletes + 1, objects });
    throw paused(route);
  }
}

/** Stops the deletes of a route until a person resumes them, and tells of it once. @param why for a person */
export async function pauseDeletes(
  { deletes, audit, clock }: { readonly deletes: Pick<DeleteLog, 'pause'> } & Pick<BreakerDeps, 'audit' | 'clock'>,
  route: string,
  why: string,
  facts: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  if (!(await deletes.pause(route, clock.now()))) return;
  await audit.note({ action: 'deletes.paused', actor: 'system', subject: route, details: { why, ...facts } });
}

function paused(route: string): TidemarkError {
  return new TidemarkError('DELETES_PAUSED', `deletes of route ${route} are paused until a person resumes them`, {
    route,
  });
}
