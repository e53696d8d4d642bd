import { differencesIn } from '../../lib/core/verify/difference.ts';
import type { Clock } from '../../lib/ports/system.ts';
import { type ComparisonDeps, type Comparisons, comparisons, type LastVerified } from '../../lib/usecases/comparisons.ts';
import { type GaugeDeps, type RouteGauges, routeGauges } from '../../lib/usecases/route-gauges.ts';
import { type EmfLine, type EmfMetric, emfLine, writeLine } from './emf.ts';

/** Of the stack as a whole an alarm watches the worst of its routes; of each route, the dashboard shows its own. */
const SETS = [['Stack'], ['Stack', 'Route']] as const;
const OF_ROUTE = [['Stack', 'Route']] as const;

/** How each route of a stack is, a line each. @throws TidemarkError when the records cannot be read: then nothing is said, which is an alarm */
export async function publishGauges(
  deps: GaugeDeps & ComparisonDeps & { readonly clock: Clock },
  stack: string,
  write: (line: string) => void = writeLine,
): Promise<void> {
  const at = deps.clock.now();
  const [gauges, { verified, scheduled }] = await Promise.all([routeGauges(deps, at), comparisons(deps, at)]);
  // The worst of the canaries that are seen would hide one that cannot be sent: the stack is silent about all of them then, which is an alarm.
  const allSeen = deps.routes.every(({ name, canary }) => !canary || gauges.get(name)?.canaryDelayMs !== undefined);
  for (const [route, gauge] of gauges) {
    const tell = (sets: readonly (readonly string[])[], metrics: EmfLine['metrics']): void => {
      if (Object.keys(metrics).length > 0) write(emfLine({ at, dimensions: { Stack: stack, Route: route }, sets, metrics }));
    };
    const canary = canaryOf(gauge);
    tell(SETS, { ...metricsOf(gauge), ...differencesOf(verified[route]), ...agesOf(scheduled[route]), ...(allSeen ? canary : {}) });
    if (!allSeen) tell(OF_ROUTE, canary);
  }
}

function metricsOf({ lagMs, oldestErrorAgeMs, deletesPaused }: RouteGauges): Readonly<Record<string, EmfMetric>> {
  return {
    ReplicationLag: { unit: 'Seconds', value: lagMs / 1000 },
    OldestErrorAge: { unit: 'Seconds', value: oldestErrorAgeMs / 1000 },
    DeletesPaused: { unit: 'Count', value: Number(deletesPaused) },
  };
}

function canaryOf({ canaryDelayMs }: RouteGauges): Readonly<Record<string, EmfMetric>> {
  return canaryDelayMs === undefined ? {} : { CanaryDelay: { unit: 'Seconds', value: canaryDelayMs / 1000 } };
}

function agesOf({ verify, reconcile }: Comparisons['scheduled'][string] = {}): Readonly<Record<string, EmfMetric>> {
  return {
    ...(verify ? { VerifyAge: { unit: 'Seconds', value: verify.ageMs / 1000 } } : {}),
    ...(reconcile ? { ReconcileAge: { unit: 'Seconds', value: reconcile.ageMs / 1000 } } : {}),
  };
}

function differencesOf(verified: LastVerified | undefined): Readonly<Record<string, EmfMetric>> {
  return verified ? { Differences: { unit: 'Count', value: differencesIn(verified.counts) } } : {};
}
