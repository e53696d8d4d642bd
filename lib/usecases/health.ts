import { asTidemarkError, TidemarkError } from '../core/errors.ts';
import type { Route } from '../core/routes/route.ts';
import type { Bucket } from '../ports/objects.ts';
import type { DeleteLog } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';
import { type ComparisonDeps, type Comparisons, comparisons } from './comparisons.ts';

export interface HealthDeps extends Pick<ComparisonDeps, 'backfills' | 'schedules'> {
  readonly routes: readonly Route[];
  readonly store: (region: string) => Pick<Bucket, 'check'>;
  readonly deletes: Pick<DeleteLog, 'read'>;
  readonly clock: Clock;
  /** By the name of the route: why its two sides could not be compared again and again. Absent where nothing compares by the clock. */
  readonly uncompared?: ReadonlyMap<string, TidemarkError>;
  /** Why a gateway's route could carry nothing; null: it can. Absent: there is no gateway. */
  readonly unfit?: (() => Promise<string | null>) | undefined;
  /** Why the end of the audit trail cannot be signed; null: it can. Absent where another process signs it. */
  readonly unsealed?: { readonly error: TidemarkError | null };
}

export interface HealthCheck {
  /** As `region primary`, `deletes of route primary-secondary`, `comparison of route primary-secondary`, `scheduled verify of route primary-secondary`, `audit trail`, `gateway`. */
  readonly what: string;
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  /** What a person should do next. */
  readonly fix?: string;
}

export interface Health {
  readonly status: 'ok' | 'failing';
  readonly checks: readonly HealthCheck[];
}

/** A region that does not answer must not hold the answer about the others. */
const MAX_CHECK_MS = 5_000;

/** Looks at every region of every route and at the delete breakers. Never throws: what cannot be looked at is what is wrong. */
export async function health(deps: HealthDeps): Promise<Health> {
  const { error: unsealed = null } = deps.unsealed ?? {};
  const regions = [...new Set(deps.routes.flatMap(({ from, to }) => [from, to]))];
  const checks = await Promise.all([
    ...regions.map((region) => checked(deps, `region ${region}`, async () => deps.store(region).check())),
    ...deps.routes.map(({ name }) => checked(deps, `deletes of route ${name}`, () => deletesFlow(deps, name))),
    ...[...(deps.uncompared ?? [])].map(([name, error]) => checked(deps, `comparison of route ${name}`, () => Promise.reject(error))),
    ...(deps.unfit ? [checked(deps, 'gateway', () => carries(deps.unfit))] : []),
    ...(unsealed ? [checked(deps, 'audit trail', () => Promise.reject(unsealed))] : []),
  ]);
  checks.push(...(await lateComparisons(deps)));
  return { status: checks.every(({ ok }) => ok) ? 'ok' : 'failing', checks };
}

async function carries(unfit: HealthDeps['unfit']): Promise<void> {
  const problem = await unfit?.();
  if (problem) throw new TidemarkError('INVALID_CONFIG', problem);
}

async function deletesFlow({ deletes, clock }: HealthDeps, route: string): Promise<void> {
  const { pausedAt } = await deletes.read(route, clock.now());
  if (pausedAt === null) return;
  throw new TidemarkError('DELETES_PAUSED', `deletes of route ${route} have been paused since ${new Date(pausedAt).toISOString()}`, { route });
}

/** Those alone that are late. What a host compares by itself all the time is told by `uncompared`, and rests while much waits. */
async function lateComparisons(deps: HealthDeps): Promise<readonly HealthCheck[]> {
  let scheduled: Comparisons['scheduled'] = {};
  const read = await checked(deps, 'scheduled comparisons', async () => {
    ({ scheduled } = await comparisons(deps, deps.clock.now()));
  });
  if (!read.ok) return [read];
  return Object.entries(scheduled).flatMap(([route, kinds]) =>
    Object.entries(kinds).flatMap(([kind, { everyMs, ageMs, late }]): HealthCheck[] => {
      if (!late || (kind === 'reconcile' && deps.uncompared)) return [];
      const message = `none has ended well for ${minutes(ageMs)} minutes, and one is due every ${minutes(everyMs)}`;
      return [
        { what: `scheduled ${kind} of route ${route}`, ok: false, message, fix: `See why they fail, or do not start: docs/runbook.md#late-${kind}.` },
      ];
    }),
  );
}

function minutes(ms: number): number {
  return Math.round(ms / 60_000);
}

async function checked({ clock }: HealthDeps, what: string, check: () => Promise<void>): Promise<HealthCheck> {
  const answered = new AbortController();
  const late = async (): Promise<never> => {
    await clock.sleep(MAX_CHECK_MS, answered.signal);
    throw new TidemarkError('UNAVAILABLE', `no answer within ${MAX_CHECK_MS / 1000} seconds`);
  };
  try {
    await Promise.race([check(), late()]);
    return { what, ok: true };
  } catch (thrown) {
    const error = asTidemarkError(thrown);
    return { what, ok: false, code: error.code, message: error.message, fix: error.fix };
  } finally {
    answered.abort();
  }
}
