import { type Conflict, isRestorable } from '../../core/objects/conflict.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { AuditTrail } from '../../ports/audit.ts';

type Told = Pick<ReplicationRecord, 'conflicts'>;

/** The conflicts that one look at a key decided: those that its own writes told first. Nearly every look decides none, and pays nothing. */
export class DecidedConflicts {
  #known: ReadonlySet<string> = NONE;
  #decided: readonly Conflict[] = [];

  /** A record as it was read. */
  read(record: Told | null): void {
    if (record?.conflicts) this.#known = new Set([...this.#known, ...record.conflicts.map(({ id }) => id)]);
  }

  /** A record as this look wrote it. */
  wrote(record: Told): void {
    if (!record.conflicts) return;
    this.#decided = [...this.#decided, ...record.conflicts.filter(({ id }) => !this.#known.has(id))];
    this.read(record);
  }

  get areThere(): boolean {
    return this.#decided.length > 0;
  }

  /** Appends each of them, once. Never throws. */
  async tell(audit: Pick<AuditTrail, 'note'>, route: string, key: string): Promise<void> {
    const decided = this.#decided;
    this.#decided = [];
    for (const conflict of decided) {
      const { id, side, etag, versionId, ts, winner, unsure } = conflict;
      const lost = { side, op: etag === undefined ? 'DELETE' : 'PUT', etag, versionId, ts, restorable: isRestorable(conflict) };
      const won = { op: winner.etag === undefined ? 'DELETE' : 'PUT', ...winner };
      const details = { conflict: id, lost, won, unsure };
      await audit.note({ action: 'conflict.recorded', actor: 'system', subject: `${route}/${key}`, details });
    }
  }
}

const NONE: ReadonlySet<string> = new Set();
