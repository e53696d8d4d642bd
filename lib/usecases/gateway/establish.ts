import { TidemarkError } from '../../core/errors.ts';
import { begin, type ControlRecord } from '../../core/gateway/control.ts';
import { SYSTEM } from './actors.ts';
import type { GatewayDeps } from './deps.ts';

/**
 * The control record, which the first process of a gateway makes.
 * @throws TidemarkError INVALID_CONFIG where it is of another gateway; AUDIT_BROKEN where it was lost; of the control store or the audit trail
 */
export async function readOrBegin(deps: GatewayDeps): Promise<ControlRecord> {
  const record = await readOrMake(deps);
  const { regions } = deps.rules;
  if (regions.includes(record.active)) return record;
  const what = `the control record says that ${record.active} is active, and the gateway's regions are ${regions.join(' and ')}`;
  throw new TidemarkError('INVALID_CONFIG', `gateway: ${what}; give the region its former name, or the gateway another control store`, { regions });
}

const LOST =
  'the control record is gone, and signed heads tell of a gateway that was begun here: put the database back; to begin anew, stop every gateway and move the folder audit-heads away';

async function readOrMake({ control, audit, clock, rules, isBegun }: GatewayDeps): Promise<ControlRecord> {
  const found = await control.read();
  if (found) return found;
  // Begun anew, the first region would take writes while a process that knows the lost record writes to the other one.
  if (await isBegun?.()) throw new TidemarkError('AUDIT_BROKEN', LOST);
  const { first } = rules;
  const { sequence } = await audit.append({ action: 'failover.begin', actor: SYSTEM, subject: first, details: { to: first, epoch: 1 } });
  await control.swap(begin(rules, { at: clock.now(), by: SYSTEM, intent: sequence }), 0);
  // Whoever was first: what stands there is what holds.
  const begun = await control.read();
  if (begun) return begun;
  throw new TidemarkError('UNAVAILABLE', 'the control record was written and is not there; is its table or database the one that is configured?');
}
