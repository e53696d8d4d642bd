import type { Verified } from '../core/backfill/claims.ts';
import type { Route } from '../core/routes/route.ts';
import type { BackfillJobs } from '../ports/backfills.ts';
import type { QueueAdmin, QueueStats } from '../ports/queue.ts';
import type { DeleteLog, StateStats, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';

export interface MetricsDeps {
  readonly routes: readonly Route[];
  readonly index: Pick<WorkIndex, 'stats'>;
  readonly admin: Pick<QueueAdmin, 'stats'>;
  readonly deletes: Pick<DeleteLog, 'read'>;
  readonly clock: Clock;
  readonly backfills: Pick<BackfillJobs, 'claims'>;
}

export interface Metrics {
  readonly counts: StateStats['counts'];
  /** Age of the oldest change that is not applied yet, wherever it waits; 0 when none does. */
  readonly lagMs: number;
  /** What waits: open deliveries or messages, whichever are more, since most changes are both. */
  readonly backlog: { readonly objects: number; readonly bytes: number };
  readonly queue: Pick<QueueStats, 'waiting' | 'delayed' | 'inFlight' | 'dead'>;
  readonly routes: Readonly<Record<string, { readonly objects: number; readonly deletesPaused: boolean }>>;
  /** What the last comparison of each route found; none of a route that was never compared whole. */
  readonly verify: Readonly<Record<string, Pick<Verified, 'at' | 'deep' | 'counts'>>>;
}

export async function metrics({ routes, index, admin, deletes, clock, backfills }: MetricsDeps): Promise<Metrics> {
  const now = clock.now();
  const [state, { waiting, delayed, inFlight, dead, oldestAt }] = await Promise.all([index.stats(), admin.stats()]);
  const perRoute = await Promise.all(
    routes.map(async ({ name }) => {
      const { pausedAt } = await deletes.read(name, now);
      return [name, { objects: state.objects[name] ?? 0, deletesPaused: pausedAt !== null }] as const;
    }),
  );
  const verified = await Promise.all(
    routes.map(async ({ name }) => {
      const found = (await backfills.claims(name)).verified;
      return found ? [[name, { at: found.at, deep: found.deep, counts: found.counts }] as const] : [];
    }),
  );
  const oldest = Math.min(oldestAt ?? now, state.oldestOpenAt ?? now);
  return {
    counts: state.counts,
    lagMs: Math.max(0, now - oldest),
    backlog: { objects: Math.max(state.counts.pending + state.counts.in_progress, waiting + inFlight), bytes: state.openBytes },
    queue: { waiting, delayed, inFlight, dead },
    routes: Object.fromEntries(perRoute),
    verify: Object.fromEntries(verified.flat()),
  };
}
