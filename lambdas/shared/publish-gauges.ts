import { differencesIn } from '../../lib/core/verify/difference.ts';
import type { Clock } from '../../lib/ports/system.ts';
import { type LastVerified, lastVerified, type VerifiedDeps } from '../../lib/usecases/last-verified.ts';
import { type GaugeDeps, type RouteGauges, routeGauges } from '../../lib/usecases/route-gauges.ts';
import { type EmfMetric, emfLine, writeLine } from './emf.ts';

/** Of the stack as a whole an alarm watches the worst of its routes; of each route, the dashboard shows its own. */
const SETS = [['Stack'], ['Stack', 'Route']] as const;

/** How each route of a stack is, a line each. @throws TidemarkError when the records cannot be read: then nothing is said, which is an alarm */
export async function publishGauges(
  deps: GaugeDeps & VerifiedDeps & { readonly clock: Clock },
  stack: string,
  write: (line: string) => void = writeLine,
): Promise<void> {
  const at = deps.clock.now();
  const [gauges, verified] = await Promise.all([routeGauges(deps, at), lastVerified(deps)]);
  for (const [route, gauge] of gauges) {
    const metrics = { ...metricsOf(gauge), ...differencesOf(verified[route]) };
    write(emfLine({ at, dimensions: { Stack: stack, Route: route }, sets: SETS, metrics }));
  }
}

function metricsOf({ lagMs, oldestErrorAgeMs, deletesPaused, canaryDelayMs }: RouteGauges): Readonly<Record<string, EmfMetric>> {
  return {
    ReplicationLag: { unit: 'Seconds', value: lagMs / 1000 },
    OldestErrorAge: { unit: 'Seconds', value: oldestErrorAgeMs / 1000 },
    DeletesPaused: { unit: 'Count', value: Number(deletesPaused) },
    ...(canaryDelayMs === undefined ? {} : { CanaryDelay: { unit: 'Seconds', value: canaryDelayMs / 1000 } }),
  };
}

function differencesOf(verified: LastVerified | undefined): Readonly<Record<string, EmfMetric>> {
  return verified ? { Differences: { unit: 'Count', value: differencesIn(verified.counts) } } : {};
}
