import type { Runtime } from '../../lambdas/shared/runtime.ts';
import { canonicalJson } from '../adapters/system/canonical-json.ts';
import { sealHead } from '../usecases/audit/seal.ts';
import { Periodic } from './periodic.ts';

/** What was appended last is proven no later. */
const SEAL_EVERY_MS = 60_000;

/** Signs the end of the audit trail, at the start and again and again. Processes that share a trail may all do it. */
export function sealing({ auditStore: store, auditHeads: heads, signer, clock, log }: Runtime): Periodic {
  return new Periodic({ name: 'signing of the audit trail', everyMs: SEAL_EVERY_MS, clock, log }, async () => {
    if (heads) await sealHead({ store, heads, signer, clock, canonical: canonicalJson });
  });
}
