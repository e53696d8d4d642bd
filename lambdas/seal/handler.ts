/** Called by the clock each minute: signs the ends of audit trails, and puts that where whoever can change them cannot change it. */
import { asTidemarkError } from '../../lib/core/errors.ts';
import { type SealDeps, sealHead } from '../../lib/usecases/audit/seal.ts';
import type { Log } from '../shared/log.ts';

export type SealHandler = () => Promise<void>;

/** @param chains by the name that the log gives them. @throws of the first chain that cannot be signed, once all were tried */
export const makeSealHandler =
  (chains: Readonly<Record<string, SealDeps>>, log: Log): SealHandler =>
  async () => {
    const failures: unknown[] = [];
    for (const [chain, deps] of Object.entries(chains)) {
      try {
        await sealHead(deps);
      } catch (error) {
        const { code, message, fix } = asTidemarkError(error);
        log.error('the end of an audit trail is not signed', { chain, code, error: message, fix });
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
