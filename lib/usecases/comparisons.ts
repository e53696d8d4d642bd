import { lateAfterMs, type RouteClaims, type Verified } from '../core/backfill/claims.ts';
import type { BackfillJobs } from '../ports/backfills.ts';
import type { Clock } from '../ports/system.ts';
import { noteLookedAfter } from './backfill/store.ts';
import type { Schedule } from './verify/schedule.ts';

export type LastVerified = Pick<Verified, 'at' | 'deep' | 'counts'>;

export interface ComparisonDeps {
  readonly routes: readonly { readonly name: string }[];
  readonly backfills: Pick<BackfillJobs, 'claims'>;
  /** What the clock starts for each route. */
  readonly schedules: readonly Schedule[];
}

/** Of what the clock starts again and again. */
export interface Scheduled {
  readonly everyMs: number;
  /** Since the last one that ended well was begun, or, where none did since then, since it is expected, ms. */
  readonly ageMs: number;
  /** One or more were missed, or failed. */
  readonly late: boolean;
}

export interface Comparisons {
  /** By the name of the route: what the last comparison of all its keys found. None of a route that was never compared whole. */
  readonly verified: Readonly<Record<string, LastVerified>>;
  /** By the name of the route and what is started. */
  readonly scheduled: Readonly<Record<string, Readonly<Partial<Record<Schedule['mode'], Scheduled>>>>>;
}

/** One read a route. @param now ages are those of this moment, ms since the epoch */
export async function comparisons({ routes, backfills, schedules }: ComparisonDeps, now: number): Promise<Comparisons> {
  const held = await Promise.all(routes.map(({ name }) => backfills.claims(name)));
  return {
    verified: Object.fromEntries(
      held.flatMap(({ route, verified }) => (verified ? [[route, { at: verified.at, deep: verified.deep, counts: verified.counts }] as const] : [])),
    ),
    scheduled: Object.fromEntries(
      held.map((claims) => [claims.route, Object.fromEntries(schedules.map((schedule) => [schedule.mode, scheduledOf(claims, schedule, now)]))]),
    ),
  };
}

/** Says that the clock is there: what never ran has an age then, of as long as the clock was there to run it. */
export async function expectScheduled({
  routes,
  backfills,
  schedules,
  clock,
}: Pick<ComparisonDeps, 'routes' | 'schedules'> & {
  readonly backfills: Pick<BackfillJobs, 'claims' | 'putClaims'>;
  readonly clock: Clock;
}): Promise<void> {
  const kinds = schedules.map(({ mode, everyMs }) => ({ kind: mode, everyMs }));
  await Promise.all(routes.map(({ name }) => noteLookedAfter(backfills, name, kinds, clock.now())));
}

function scheduledOf({ verified, reconciled, awaited }: RouteClaims, { mode, everyMs }: Schedule, now: number): Scheduled {
  const ended = mode === 'verify' ? verified?.at : reconciled;
  // One that was begun by hand long before the clock was told to begin any is no late one.
  const at = Math.max(ended ?? Number.NEGATIVE_INFINITY, awaited?.[mode] ?? now);
  const ageMs = Math.max(0, now - at);
  return { everyMs, ageMs, late: ageMs > lateAfterMs(everyMs) };
}
