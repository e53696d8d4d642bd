import { type ControlRecord, told, untold } from '../../core/gateway/control.ts';
import type { Authority } from './authority.ts';

/**
 * Tells the audit trail what came of the switches that the record names and nobody told of: whoever made them may have died since.
 * At least once: two who find the same one missing both tell of it.
 * @returns the record as it is afterwards, as far as is known. Never throws: whoever comes next tries again
 */
export async function tellOutcomes(authority: Authority, record: ControlRecord): Promise<ControlRecord> {
  const { control, audit } = authority.deps;
  let current = record;
  try {
    for (let made = untold(current); made; made = untold(current)) {
      const { kind, by, to, intent, epoch } = made;
      const { sequence } = await audit.append({ action: `failover.${kind}.outcome`, actor: by, subject: to, details: { intent, made: true, epoch } });
      const next = told(current, intent, sequence);
      const at = authority.now();
      if (!(await control.swap(next, current.version))) return current;
      authority.learn(next, at);
      current = next;
    }
  } catch {
    // The switch stands, whatever became of its telling.
  }
  return current;
}
