import { TidemarkError } from '../../core/errors.ts';
import { begin, type ControlRecord } from '../../core/gateway/control.ts';
import { SYSTEM } from './actors.ts';
import type { GatewayDeps } from './deps.ts';

/**
 * The control record, which the first process of a gateway makes.
 * @throws TidemarkError INVALID_CONFIG where it is of another gateway; of the control store or the audit trail
 */
export async function readOrBegin(deps: GatewayDeps): Promise<ControlRecord> {
  const record = await readOrMake(deps);
  const { regions } = deps.rules;
  if (regions.includes(record.active)) return record;
  const what = `the control record says that ${record.active} is active, and the gateway's regions are ${regions.join(' and ')}`;
  throw new TidemarkError('INVALID_CONFIG', `gateway: ${what}; give the region its former name, or the gateway another control store`, { regions });
}

async function readOrMake({ control, audit, clock, rules }: GatewayDeps): Promise<ControlRecord> {
  const found = await control.read();
  if (found) return found;
  const { first } = rules;
  const { sequence } = await audit.append({ action: 'failover.begin', actor: SYSTEM, subject: first, details: { to: first, epoch: 1 } });
  await control.swap(begin(rules, { at: clock.now(), by: SYSTEM, intent: sequence }), 0);
  // Whoever was first: what stands there is what holds.
  const begun = await control.read();
  if (begun) return begun;
  throw new TidemarkError('UNAVAILABLE', 'the control record was written and is not there; is its table or database the one that is configured?');
}
