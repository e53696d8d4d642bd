import { asTidemarkError, TidemarkError } from '../../core/errors.ts';
import { type ControlRecord, switched, type Wish } from '../../core/gateway/control.ts';
import type { Authority } from './authority.ts';
import { tellOutcomes } from './tell-outcomes.ts';

export type Switched =
  | { readonly made: true; readonly record: ControlRecord }
  /** Another switch came first; `record` is what stands there. */
  | { readonly made: false; readonly record: ControlRecord };

/** Of one switch: other writes of the record may come in between, but none of them comes often. */
const TRIES = 5;

/**
 * One switch, or none: it is announced in the audit trail, then made by one compare-and-swap. An answer that is lost is found by
 * the announcement, which the record of the new epoch names.
 * @param before the record that the switch was decided on
 * @throws TidemarkError of the audit trail before anything was done; of the control store, with `outcomeUnknown`, where nobody knows
 */
export async function makeSwitch(authority: Authority, before: ControlRecord, wish: Omit<Wish, 'at' | 'intent'>): Promise<Switched> {
  const { control, audit, clock, rules } = authority.deps;
  const { to, kind, by, why, forced } = wish;
  const announced = { from: before.active, to, epoch: before.epoch + 1, why, forced };
  const { sequence: intent } = await audit.append({ action: `failover.${kind}`, actor: by, subject: to, details: announced });
  const wanted: Wish = { ...wish, at: clock.now(), intent };
  let record = before;
  let lost: unknown;
  for (let tries = 1; tries <= TRIES; tries++) {
    const at = authority.now();
    const next = switched(record, wanted, rules.leaseMs);
    try {
      if (await control.swap(next, record.version)) {
        authority.learn(next, at);
        return { made: true, record: await tellOutcomes(authority, next) };
      }
      lost = undefined;
    } catch (error) {
      lost = error;
    }
    record = await authority.read();
    if (record.switches.some((made) => made.intent === intent)) return { made: true, record: await tellOutcomes(authority, record) };
    if (record.epoch !== before.epoch) {
      await audit.note({ action: `failover.${kind}.outcome`, actor: by, subject: to, details: { intent, made: false, epoch: record.epoch } });
      return { made: false, record };
    }
  }
  const cause = asTidemarkError(lost);
  throw new TidemarkError('UNAVAILABLE', `the control record could not be written: ${cause.message}`, { outcomeUnknown: true }, lost);
}
