import type { QueueAdmin, QueueStats } from '../ports/queue.ts';
import type { StateStats, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';
import { type ComparisonDeps, type Comparisons, comparisons } from './comparisons.ts';
import { type GatewayFigures, gatewayFigures } from './gateway/figures.ts';
import { UNREADABLE_ROUTE } from './record-unreadable.ts';
import { ageOf, type GaugeDeps, type RouteGauges, routeGauges } from './route-gauges.ts';

export interface MetricsDeps extends GaugeDeps, Pick<ComparisonDeps, 'backfills' | 'schedules'> {
  readonly index: Pick<WorkIndex, 'stats' | 'oldest'>;
  readonly admin: Pick<QueueAdmin, 'stats'>;
  readonly clock: Clock;
  /** Absent: none is configured. */
  readonly gateway?: { readonly failover: Parameters<typeof gatewayFigures>[0] };
  /** Absent: nothing of it waits here. */
  readonly outbox?: { stats(): Promise<NonNullable<Metrics['completions']>> };
}

/** `lagMs` counts what lies unread in the queue too, for each route: it does not tell its own. */
export interface RouteMetrics extends RouteGauges {
  /** Known to be applied. */
  readonly objects: number;
  /** What lost where both sides had changed, and nobody dismissed. */
  readonly conflicts: number;
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
  /** Completion events that wait to be sent, and those that were given up. */
  readonly completions?: { readonly waiting: number; readonly dead: number };
  readonly gateway?: GatewayFigures;
  readonly routes: Readonly<Record<string, RouteMetrics>>;
  /** What the last comparison of each route found; none of a route that was never compared whole. */
  readonly verify: Comparisons['verified'];
  /** What the clock starts for each route, and how long ago the last one that ended well was begun. */
  readonly scheduled: Comparisons['scheduled'];
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
export async function metrics(deps: MetricsDeps): Promise<Metrics> {
  const { index, admin, outbox, gateway, clock } = deps;
  const now = clock.now();
  const [state, { waiting, delayed, inFlight, dead, oldestAt, oldestUnknown }, unreadable, gauges, { verified, scheduled }] = await Promise.all([
    index.stats(),
    admin.stats(),
    index.oldest(UNREADABLE_ROUTE),
    routeGauges(deps, now),
    comparisons(deps, now),
  ]);
  const perRoute = [...gauges].map(([name, gauge]): readonly [string, RouteMetrics] => {
    return [
      name,
      { ...gauge, objects: state.objects[name] ?? 0, conflicts: state.conflicts[name] ?? 0, lagMs: Math.max(gauge.lagMs, ageOf(now, oldestAt)) },
    ];
  });
  return {
    counts: state.counts,
    lagMs: ageOf(now, oldestAt, state.oldestOpenAt),
    oldestErrorAgeMs: Math.max(ageOf(now, unreadable.error), ...perRoute.map(([, { oldestErrorAgeMs }]) => oldestErrorAgeMs)),
    backlog: { objects: Math.max(state.counts.pending + state.counts.in_progress, waiting + inFlight), bytes: state.openBytes },
    queue: { waiting, delayed, inFlight, dead },
    routes: Object.fromEntries(perRoute),
    ...(gateway ? { gateway: await gatewayFigures(gateway.failover) } : {}),
    ...(outbox ? { completions: await outbox.stats() } : {}),
    verify: verified,
    scheduled,
    missing: oldestUnknown ? [missingAge(oldestUnknown)] : [],
  };
}

function missingAge({ code, message, fix }: NonNullable<QueueStats['oldestUnknown']>): Missing {
  return { what: 'lagMs: the age of messages that no record tells of yet', code, message, fix };
}
