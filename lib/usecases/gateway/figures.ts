import type { FailoverPhase } from '../../core/gateway/health.ts';
import { type FailoverState, failoverState } from './failover-state.ts';

/** The gateway in a few figures, for health and metrics. */
export interface GatewayFigures {
  /** Null: the control record was never read. */
  readonly phase: FailoverPhase | null;
  readonly active: string;
  readonly epoch: number;
  readonly writes: FailoverState['writes'];
  /** By region: probes that failed in a row, the most that one observer counts. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Never throws. */
export async function gatewayFigures(deps: Parameters<typeof failoverState>[0]): Promise<GatewayFigures> {
  const { phase, active, standby, epoch, writes, observers } = await failoverState(deps);
  const failures = [active, standby].map(
    (region) => [region, Math.max(0, ...observers.map(({ regions }) => regions[region]?.failures ?? 0))] as const,
  );
  return { phase, active, epoch, writes, failures: Object.fromEntries(failures) };
}
