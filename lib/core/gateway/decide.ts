/** Whether an observer switches, and to where: by the control record it read and what it counted. */
import type { ControlRecord } from './control.ts';
import { condemns, isFit, type ObserverState } from './observer.ts';
import { type GatewayRules, otherRegion, REST_ROUNDS } from './rules.ts';

/** Why an observer leaves things as they are. */
export type Stay = 'the active region is not condemned' | 'only people switch' | 'the last switch is too young' | 'the other region is not fit';

export type Decision = { readonly act: 'switch'; readonly to: string; readonly why: string } | { readonly act: 'stay'; readonly why: Stay };

/** Total: for every record, counters and rules. A switch is asked for on the version of this very record. */
export function decide(record: ControlRecord, state: ObserverState, { mode, regions }: Pick<GatewayRules, 'mode' | 'regions'>): Decision {
  const { active } = record;
  const other = otherRegion(regions, active);
  if (!condemns(state, active)) return { act: 'stay', why: 'the active region is not condemned' };
  if (mode === 'manual') return { act: 'stay', why: 'only people switch' };
  if (isHeld(record, state)) return { act: 'stay', why: 'the last switch is too young' };
  if (!isFit(state, other)) return { act: 'stay', why: 'the other region is not fit' };
  const { failures = 0, problem } = state.regions[active] ?? {};
  return { act: 'switch', to: other, why: `${active} failed ${failures} probes in a row: ${problem ?? 'no answer'}` };
}

/** Counted in the observer's own rounds, since no clock of another process is asked. */
export function isHeld({ epoch, switches: [newest] }: ControlRecord, { epoch: seen, rounds }: ObserverState): boolean {
  return (newest.kind === 'auto' || newest.forced) && (seen !== epoch || rounds <= REST_ROUNDS);
}
