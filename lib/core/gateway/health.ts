/** How the gateway is as a whole, for people. Nothing is decided by it. */
import type { ControlRecord } from './control.ts';
import { isHeld } from './decide.ts';
import { isRecent, type ObserverState } from './observer.ts';
import type { GatewayRules } from './rules.ts';

/**
 * `held`: switched by an observer or by force a short while ago, no observer switches again yet. `suspect`: an observer gets no answer from
 * the active region. `failedOver`: the active region is not the first one. `healthy`: none of these.
 */
export const FAILOVER_STATES = ['healthy', 'suspect', 'failedOver', 'held'] as const;
export type FailoverPhase = (typeof FAILOVER_STATES)[number];

/** As one observer has it. Total. */
export function phaseFor(record: ControlRecord, state: ObserverState, { first }: Pick<GatewayRules, 'first'>): FailoverPhase {
  if (isHeld(record, state)) return 'held';
  if (state.sits !== record.active && state.epoch === record.epoch && (state.regions[record.active]?.failures ?? 0) > 0) return 'suspect';
  return record.active === first ? 'healthy' : 'failedOver';
}

/**
 * As those observers have it that still look, and have seen this epoch: the worst that one of them says.
 * @param now by this process's clock, ms since the epoch
 */
export function phaseOf(record: ControlRecord, observers: readonly ObserverState[], rules: Pick<GatewayRules, 'first'>, now: number): FailoverPhase {
  const phases = observers.filter((state) => state.epoch === record.epoch && isRecent(state, now)).map((state) => phaseFor(record, state, rules));
  for (const worse of ['held', 'suspect'] as const) if (phases.includes(worse)) return worse;
  return record.active === rules.first ? 'healthy' : 'failedOver';
}
