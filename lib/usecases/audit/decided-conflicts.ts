import { type Conflict, isRestorable } from '../../core/objects/conflict.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { AuditTrail } from '../../ports/audit.ts';

type Told = Pick<ReplicationRecord, 'conflicts'>;

/** The conflicts that one look at a key decided: those that its own writes told first. */
export class DecidedConflicts {
  readonly #known = new Set<string>();
  readonly #decided: Conflict[] = [];

  /** A record as it was read. */
  read(record: Told | null): void {
    for (const { id } of record?.conflicts ?? []) this.#known.add(id);
  }

  /** A record as this look wrote it. */
  wrote(record: Told): void {
    const decided = (record.conflicts ?? []).filter(({ id }) => !this.#known.has(id));
    this.#decided.push(...decided);
    this.read({ conflicts: decided });
  }

  /** Appends each of them, once. Never throws. */
  async tell(audit: Pick<AuditTrail, 'note'>, route: string, key: string): Promise<void> {
    for (const conflict of this.#decided.splice(0)) {
      const { id, side, etag, versionId, ts, winner, unsure } = conflict;
      const lost = { side, op: etag === undefined ? 'DELETE' : 'PUT', etag, versionId, ts, restorable: isRestorable(conflict) };
      const won = { op: winner.etag === undefined ? 'DELETE' : 'PUT', ...winner };
      const details = { conflict: id, lost, won, unsure };
      await audit.note({ action: 'conflict.recorded', actor: 'system', subject: `${route}/${key}`, details });
    }
  }
}
