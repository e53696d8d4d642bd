import { BREAKER_WINDOW_MS } from '../core/objects/breaker.ts';
import type { Route } from '../core/routes/route.ts';
import type { DeleteLog, RoutePauses, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';

export interface RoutesDeps {
  readonly routes: readonly Route[];
  readonly pauses: Pick<RoutePauses, 'read'>;
  readonly deletes: Pick<DeleteLog, 'read'>;
  readonly index: Pick<WorkIndex, 'objects'>;
  readonly clock: Clock;
}

export interface RouteStatus {
  readonly route: Route;
  /** Since when it is paused, ms since the epoch; null: it flows. */
  readonly paused: number | null;
  /** The same of its deletes, which the breaker stops too (O10). */
  readonly deletesPaused: number | null;
  /** Until when any number of deletes runs, since a person accepted them; null: the breaker watches. */
  readonly deletesAcceptedUntil: number | null;
  /** Deletes carried out in the breaker's window of ten minutes. */
  readonly recentDeletes: number;
  /** Objects that the records say are applied. */
  readonly objects: number;
}

/** In the order of the configuration. */
export async function listRoutes({ routes, pauses, deletes, index, clock }: RoutesDeps): Promise<readonly RouteStatus[]> {
  const paused = await pauses.read();
  return Promise.all(
    routes.map(async (route) => {
      const now = clock.now();
      const [window, objects] = await Promise.all([deletes.read(route.name, now - BREAKER_WINDOW_MS), index.objects(route.name)]);
      const { deletes: recentDeletes, pausedAt: deletesPaused, acceptedUntil } = window;
      const isOpen = deletesPaused === null && acceptedUntil !== null && acceptedUntil > now;
      return {
        route,
        paused: paused.get(route.name) ?? null,
        deletesPaused,
        deletesAcceptedUntil: isOpen ? acceptedUntil : null,
        recentDeletes,
        objects,
      };
    }),
  );
}
