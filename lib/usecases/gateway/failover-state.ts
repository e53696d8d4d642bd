import { asTidemarkError, type TidemarkError } from '../../core/errors.ts';
import type { Switch } from '../../core/gateway/control.ts';
import { type FailoverPhase, phaseOf } from '../../core/gateway/health.ts';
import { leaseLeft } from '../../core/gateway/lease.ts';
import { isRecent, type ObserverState } from '../../core/gateway/observer.ts';
import { type FailoverMode, otherRegion } from '../../core/gateway/rules.ts';
import type { Crossing } from '../../core/gateway/watermark.ts';
import type { Authority } from './authority.ts';
import { lastCrossing } from './watermark.ts';

export interface FailoverState {
  /** Null: the control record was never read. */
  readonly phase: FailoverPhase | null;
  readonly mode: FailoverMode;
  /** As far as this process knows; where it knows nothing, what the configuration names first. */
  readonly active: string;
  readonly standby: string;
  readonly first: string;
  readonly epoch: number;
  /** `unknown`: the lease of the last reading has run out. */
  readonly writes: 'open' | 'closed' | 'unknown';
  /** When writes may be opened, ms; 0 where they are not closed. */
  readonly writesInMs: number;
  /** The newest first. */
  readonly switches: readonly Switch[];
  /** Those that still look. */
  readonly observers: readonly ObserverState[];
  readonly crossing: Crossing | null;
  /** Why the control store could not be asked; all else is what was known before. */
  readonly problem: TidemarkError | null;
}

/** For people and their programs. Never throws. */
export async function failoverState({ authority, route }: { readonly authority: Authority; readonly route: string }): Promise<FailoverState> {
  const { control, clock, rules } = authority.deps;
  const { first, mode, regions } = rules;
  const asked = await Promise.all([authority.read(), control.observers(), lastCrossing(authority.deps, route)]).catch(asTidemarkError);
  const problem = Array.isArray(asked) ? null : asked;
  const [, observers, across] = Array.isArray(asked) ? asked : [null, [], null];
  const known = authority.known();
  const active = known?.record.active ?? first;
  const isFresh = known !== null && leaseLeft(known, authority.now()) > 0;
  return {
    phase: known ? phaseOf(known.record, observers, rules, clock.now()) : null,
    mode,
    active,
    standby: otherRegion(regions, active),
    first,
    epoch: known?.record.epoch ?? 0,
    writes: known && isFresh ? (known.record.open ? 'open' : 'closed') : 'unknown',
    writesInMs: authority.opensInMs() ?? 0,
    switches: known?.record.switches ?? [],
    // What one counted that looks no more says nothing of now.
    observers: observers.filter((observer) => isRecent(observer, clock.now())),
    crossing: across,
    problem,
  };
}
