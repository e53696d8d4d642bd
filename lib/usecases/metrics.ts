import type { Route } from '../core/routes/route.ts';
import type { QueueAdmin, QueueStats } from '../ports/queue.ts';
import type { DeleteLog, RoutePauses, StateStats, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';

export interface MetricsDeps {
  readonly routes: readonly Route[];
  readonly index: Pick<WorkIndex, 'stats'>;
  readonly admin: Pick<QueueAdmin, 'stats'>;
  readonly deletes: Pick<DeleteLog, 'read'>;
  readonly pauses: Pick<RoutePauses, 'read'>;
  readonly clock: Clock;
  /** Absent: nothing of it waits here. */
  readonly outbox?: { stats(): Promise<NonNullable<Metrics['completions']>> };
}

export interface Metrics {
  readonly counts: StateStats['counts'];
  /** Age of the oldest change that is not applied yet, wherever it waits; 0 when none does. */
  readonly lagMs: number;
  /** What waits: open deliveries or messages, whichever are more, since most changes are both. */
  readonly backlog: { readonly objects: number; readonly bytes: number };
  readonly queue: Pick<QueueStats, 'waiting' | 'delayed' | 'inFlight' | 'dead'>;
  readonly routes: Readonly<Record<string, { readonly objects: number; readonly paused: boolean; readonly deletesPaused: boolean }>>;
  /** Completion events that wait to be sent, and those that were given up. */
  readonly completions?: { readonly waiting: number; readonly dead: number };
}

export async function metrics({ routes, index, admin, deletes, pauses, outbox, clock }: MetricsDeps): Promise<Metrics> {
  const now = clock.now();
  const [state, { waiting, delayed, inFlight, dead, oldestAt }, paused] = await Promise.all([index.stats(), admin.stats(), pauses.read()]);
  const perRoute = await Promise.all(
    routes.map(async ({ name }) => {
      const { pausedAt } = await deletes.read(name, now);
      return [name, { objects: state.objects[name] ?? 0, paused: paused.has(name), deletesPaused: pausedAt !== null }] as const;
    }),
  );
  const oldest = Math.min(oldestAt ?? now, state.oldestOpenAt ?? now);
  return {
    counts: state.counts,
    lagMs: Math.max(0, now - oldest),
    backlog: { objects: Math.max(state.counts.pending + state.counts.in_progress, waiting + inFlight), bytes: state.openBytes },
    queue: { waiting, delayed, inFlight, dead },
    routes: Object.fromEntries(perRoute),
    ...(outbox ? { completions: await outbox.stats() } : {}),
  };
}
