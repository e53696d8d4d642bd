import type { Route } from '../core/routes/route.ts';
import type { QueueAdmin, QueueStats } from '../ports/queue.ts';
import type { DeleteLog, Oldest, StateStats, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';
import { UNREADABLE_ROUTE } from './record-unreadable.ts';

export interface MetricsDeps {
  readonly routes: readonly Route[];
  readonly index: Pick<WorkIndex, 'stats' | 'oldest'>;
  readonly admin: Pick<QueueAdmin, 'stats'>;
  readonly deletes: Pick<DeleteLog, 'read'>;
  readonly clock: Clock;
}

export interface RouteMetrics {
  /** Known to be applied. */
  readonly objects: number;
  /** As the whole's. What lies unread in the queue does not tell its route, and counts for each. */
  readonly lagMs: number;
  readonly oldestErrorAgeMs: number;
  readonly deletesPaused: boolean;
}

export interface Metrics {
  readonly counts: StateStats['counts'];
  /**
   * Age of the oldest change that is still going to be applied, wherever it waits: unread, under way, for its next attempt, for a paused
   * route, or given up and not yet recorded. 0 when none does. What ended as an error waits for a person, and has an age of its own.
   */
  readonly lagMs: number;
  /** Age of the oldest change that ended as an error; 0 when none did. */
  readonly oldestErrorAgeMs: number;
  /** What waits: open deliveries or messages, whichever are more, since most changes are both. */
  readonly backlog: { readonly objects: number; readonly bytes: number };
  readonly queue: Pick<QueueStats, 'waiting' | 'delayed' | 'inFlight' | 'dead'>;
  readonly routes: Readonly<Record<string, RouteMetrics>>;
  /** What could not be found out; all else holds. */
  readonly missing: readonly Missing[];
}

export interface Missing {
  /** What the figures leave out. */
  readonly what: string;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** Its work grows with the number of routes and with what waits, never with what is kept. @throws TidemarkError when records or queues do not answer */
export async function metrics({ routes, index, admin, deletes, clock }: MetricsDeps): Promise<Metrics> {
  const now = clock.now();
  const [state, { waiting, delayed, inFlight, dead, oldestAt, oldestUnknown }, unreadable] = await Promise.all([
    index.stats(),
    admin.stats(),
    index.oldest(UNREADABLE_ROUTE),
  ]);
  const perRoute = await Promise.all(
    routes.map(async ({ name }): Promise<readonly [string, RouteMetrics]> => {
      const [{ pausedAt }, oldest] = await Promise.all([deletes.read(name, now), index.oldest(name)]);
      const objects = state.objects[name] ?? 0;
      return [name, { objects, ...agesOf(oldest, oldestAt, now), deletesPaused: pausedAt !== null }];
    }),
  );
  return {
    counts: state.counts,
    lagMs: ageOf(now, oldestAt, state.oldestOpenAt),
    oldestErrorAgeMs: Math.max(ageOf(now, unreadable.error), ...perRoute.map(([, { oldestErrorAgeMs }]) => oldestErrorAgeMs)),
    backlog: { objects: Math.max(state.counts.pending + state.counts.in_progress, waiting + inFlight), bytes: state.openBytes },
    queue: { waiting, delayed, inFlight, dead },
    routes: Object.fromEntries(perRoute),
    missing: oldestUnknown ? [missingAge(oldestUnknown)] : [],
  };
}

/** @param queuedAt when the oldest message was sent, where that is known */
export function agesOf({ open, error }: Oldest, queuedAt: number | undefined, now: number): Pick<RouteMetrics, 'lagMs' | 'oldestErrorAgeMs'> {
  return { lagMs: ageOf(now, queuedAt, open), oldestErrorAgeMs: ageOf(now, error) };
}

/** Of the oldest, ms; clocks of two machines may differ. */
function ageOf(now: number, ...times: readonly (number | undefined)[]): number {
  return Math.max(0, ...times.map((at) => (at === undefined ? 0 : now - at)));
}

function missingAge({ code, message, fix }: NonNullable<QueueStats['oldestUnknown']>): Missing {
  return { what: 'lagMs: the age of messages that no record tells of yet', code, message, fix };
}
