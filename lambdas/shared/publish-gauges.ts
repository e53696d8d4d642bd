import { type GaugeDeps, type RouteGauges, routeGauges } from '../../lib/usecases/route-gauges.ts';
import { type EmfMetric, emfLine, writeLine } from './emf.ts';

/** Of the stack as a whole an alarm watches the worst of its routes; of each route, the dashboard shows its own. */
const SETS = [['Stack'], ['Stack', 'Route']] as const;

/** How each route of a stack is, a line each. @throws TidemarkError when the records cannot be read: then nothing is said, which is an alarm */
export async function publishGauges(deps: GaugeDeps, stack: string, write: (line: string) => void = writeLine): Promise<void> {
  const gauges = await routeGauges(deps);
  const at = deps.clock.now();
  for (const [route, gauge] of gauges) write(emfLine({ at, dimensions: { Stack: stack, Route: route }, sets: SETS, metrics: metricsOf(gauge) }));
}

function metricsOf({ lagMs, oldestErrorAgeMs, deletesPaused, canaryDelayMs }: RouteGauges): Readonly<Record<string, EmfMetric>> {
  return {
    ReplicationLag: { unit: 'Seconds', value: lagMs / 1000 },
    OldestErrorAge: { unit: 'Seconds', value: oldestErrorAgeMs / 1000 },
    DeletesPaused: { unit: 'Count', value: Number(deletesPaused) },
    ...(canaryDelayMs === undefined ? {} : { CanaryDelay: { unit: 'Seconds', value: canaryDelayMs / 1000 } }),
  };
}
