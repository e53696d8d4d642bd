import type { Route } from '../core/routes/route.ts';
import type { QueueAdmin, QueueStats } from '../ports/queue.ts';
import type { DeleteLog, StateStats, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';

export interface MetricsDeps {
  readonly routes: readonly Route[];
  readonly index: Pick<WorkIndex, 'stats'>;
  readonly admin: Pick<QueueAdmin, 'stats'>;
  readonly deletes: Pick<DeleteLog, 'read'>;
  readonly clock: Clock;
}

export interface Metrics {
  readonly counts: StateStats['counts'];
  /** Age of the oldest change that is not applied yet, wherever it waits; 0 when none does. */
  readonly lagMs: number;
  /** What waits: open deliveries or messages, whichever are more, since most changes are both. */
  readonly backlog: { readonly objects: number; readonly bytes: number };
  readonly queue: Pick<QueueStats, 'waiting' | 'delayed' | 'inFlight' | 'dead'>;
  readonly routes: Readonly<Record<string, { readonly objects: number; readonly deletesPaused: boolean; readonly conflicts: number }>>;
}

export async function metrics({ routes, index, admin, deletes, clock }: MetricsDeps): Promise<Metrics> {
  const now = clock.now();
  const [state, { waiting, delayed, inFlight, dead, oldestAt }] = await Promise.all([index.stats(), admin.stats()]);
  const perRoute = await Promise.all(
    routes.map(async ({ name }) => {
      const { pausedAt } = await deletes.read(name, now);
      return [name, { objects: state.objects[name] ?? 0, deletesPaused: pausedAt !== null, conflicts: state.conflicts[name] ?? 0 }] as const;
    }),
  );
  const oldest = Math.min(oldestAt ?? now, state.oldestOpenAt ?? now);
  return {
    counts: state.counts,
    lagMs: Math.max(0, now - oldest),
    backlog: { objects: Math.max(state.counts.pending + state.counts.in_progress, waiting + inFlight), bytes: state.openBytes },
    queue: { waiting, delayed, inFlight, dead },
    routes: Object.fromEntries(perRoute),
  };
}
