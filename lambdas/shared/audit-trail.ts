import { canonicalJson } from '../../lib/adapters/system/canonical-json.ts';
import type { AuditStore, AuditTrail } from '../../lib/ports/audit.ts';
import type { Clock, Ids } from '../../lib/ports/system.ts';
import { ChainedTrail } from '../../lib/usecases/audit/trail.ts';
import type { Log } from './log.ts';

/** The one writer of the trail in this process. What it loses stands in the log, whole. */
export function auditTrail(store: AuditStore, clock: Clock, ids: Ids, log: Log): AuditTrail {
  return new ChainedTrail({
    store,
    canonical: canonicalJson,
    clock,
    ids,
    onLost: (event, { message, fix }) => log.error('the audit trail did not take what happened', { event, error: message, fix }),
  });
}
