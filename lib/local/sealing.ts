import type { Runtime } from '../../lambdas/shared/runtime.ts';
import { canonicalJson } from '../adapters/system/canonical-json.ts';
import { asTidemarkError } from '../core/errors.ts';
import { sealHead } from '../usecases/audit/seal.ts';
import { Periodic } from './periodic.ts';

/** What was appended last is proven no later. */
const SEAL_EVERY_MS = 60_000;
/** Failures in a row after which it is no passing trouble; a trail that was changed never is. */
const LASTING = 2;

/** Signs the end of the audit trail, at the start and again and again; health tells where it cannot. Processes that share a trail may all do it. */
export function sealing({ auditStore: store, auditHeads: heads, auditMark: mark, unsealed, signer, clock, log }: Runtime): Periodic {
  let failures = 0;
  return new Periodic({ name: 'signing of the audit trail', everyMs: SEAL_EVERY_MS, clock, log }, async () => {
    if (!heads) return;
    try {
      await sealHead({ store, heads, mark, signer, clock, canonical: canonicalJson });
      failures = 0;
      if (unsealed) unsealed.error = null;
    } catch (thrown) {
      const error = asTidemarkError(thrown);
      if (unsealed && (++failures >= LASTING || error.code === 'AUDIT_BROKEN')) unsealed.error = error;
      throw error;
    }
  });
}
