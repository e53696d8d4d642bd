import type { Route } from '../core/routes/route.ts';
import type { DeleteLog, Oldest, RoutePauses, WorkIndex } from '../ports/replication-state.ts';

export interface GaugeDeps {
  readonly routes: readonly Route[];
  readonly index: Pick<WorkIndex, 'oldest'>;
  readonly deletes: Pick<DeleteLog, 'read'>;
  readonly pauses: Pick<RoutePauses, 'read'>;
  /** By the name of the route: what the last look at its canary told, ms. */
  readonly canaries?: ReadonlyMap<string, number>;
}

/** How a route is at this moment, of what costs the same however much waits. */
export interface RouteGauges {
  /** Age of the oldest change that the records say is still going to be applied, ms; 0 when none does. */
  readonly lagMs: number;
  /** Age of the oldest change that ended as an error, ms; 0 when none did. */
  readonly oldestErrorAgeMs: number;
  /** A person paused it: what it holds back waits, and is lag. */
  readonly paused: boolean;
  readonly deletesPaused: boolean;
  /** How long the newest canary took, or the oldest that has not arrived has taken so far; absent where there is none, or it cannot be sent. */
  readonly canaryDelayMs?: number;
}

/** By the name of the route. @param now ages are those of this moment, ms since the epoch */
export async function routeGauges({ routes, index, deletes, pauses, canaries }: GaugeDeps, now: number): Promise<ReadonlyMap<string, RouteGauges>> {
  const paused = await pauses.read();
  const gauges = routes.map(async ({ name }) => {
    const [{ pausedAt }, oldest] = await Promise.all([deletes.read(name, now), index.oldest(name)]);
    const canaryDelayMs = canaries?.get(name);
    return [
      name,
      {
        lagMs: ageOf(now, oldest.open),
        oldestErrorAgeMs: ageOf(now, oldest.error),
        paused: paused.has(name),
        deletesPaused: pausedAt !== null,
        ...(canaryDelayMs === undefined ? {} : { canaryDelayMs }),
      },
    ] as const;
  });
  return new Map(await Promise.all(gauges));
}

/** Of the oldest, ms; never below 0, since clocks of two machines differ. */
export function ageOf(now: number, ...times: readonly Oldest[keyof Oldest][]): number {
  return Math.max(0, ...times.map((at) => (at === undefined ? 0 : now - at)));
}
