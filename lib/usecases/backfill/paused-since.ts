import { type BackfillJob, ENDED } from '../../core/backfill/job.ts';
import type { RoutePauses } from '../../ports/replication-state.ts';

/**
 * Since when the pause of its route holds each job back, ms since the epoch; null: nothing does. A comparison asks for nothing, and goes on.
 * Strongly consistent: whoever paused a route a moment ago is told so.
 */
export async function pausedSince({ pauses }: { readonly pauses: Pick<RoutePauses, 'read'> }): Promise<(job: BackfillJob) => number | null> {
  const paused = await pauses.read();
  return ({ route, mode, status }) => (ENDED[status] || mode === 'verify' ? null : (paused.get(route) ?? null));
}
