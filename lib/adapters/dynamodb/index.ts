import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AuditStore } from '../../ports/audit.ts';
import type { BackfillJobs, BackfillTally } from '../../ports/backfills.ts';
import type { CheckpointStore, LogStore } from '../../ports/log-store.ts';
import type { Findings } from '../../ports/objects.ts';
import type { RecordPages } from '../../ports/record-pages.ts';
import type { DeleteLog, ReplicationState, RoutePauses, WorkIndex } from '../../ports/replication-state.ts';
import type { Clock } from '../../ports/system.ts';
import { DynamoAuditStore } from './audit-store.ts';
import { DynamoBackfills } from './backfills.ts';
import { DynamoCheckpoints } from './checkpoints.ts';
import { DynamoDeleteLog } from './delete-log.ts';
import { DynamoFindings } from './findings.ts';
import { DynamoLogStore } from './log-store.ts';
import { DynamoRecordPages } from './record-pages.ts';
import { DynamoReplicationState } from './replication-state.ts';
import { DynamoRoutePauses } from './route-pauses.ts';
import { Table } from './table.ts';
import { RouteTotals } from './totals.ts';
import { DynamoWorkIndex } from './work-index.ts';

export interface DynamoStateOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly clock: Clock;
}

/** The replication state in one DynamoDB table (schema.ts names what is in it). */
export class DynamoState {
  readonly state: ReplicationState;
  readonly index: WorkIndex;
  readonly pages: RecordPages;
  readonly deletes: DeleteLog;
  readonly pauses: RoutePauses;
  readonly backfills: BackfillJobs & BackfillTally;
  readonly findings: Findings;
  readonly audit: AuditStore;
  readonly log: LogStore;
  readonly checkpoints: CheckpointStore;
  readonly #totals: RouteTotals;

  constructor({ client, tableName, clock }: DynamoStateOptions) {
    const table = new Table(client, tableName, clock);
    this.#totals = new RouteTotals(table);
    this.state = new DynamoReplicationState(table, this.#totals);
    this.index = new DynamoWorkIndex(table, this.#totals);
    this.pages = new DynamoRecordPages(table);
    this.deletes = new DynamoDeleteLog(table);
    this.pauses = new DynamoRoutePauses(table, clock);
    this.backfills = new DynamoBackfills(table);
    this.findings = new DynamoFindings(table, clock);
    this.audit = new DynamoAuditStore(table);
    this.log = new DynamoLogStore(table);
    this.checkpoints = new DynamoCheckpoints(table);
  }

  /**
   * Writes down what was counted since the last time: call it once a batch, since a process that is killed or frozen for good
   * before it loses those counts of done, superseded and objects. Costs a write a route; nothing when nothing was counted.
   * @throws TidemarkError when it could not; the counts are kept for the next call, so a batch need not fail for it
   */
  flush(): Promise<void> {
    return this.#totals.flush();
  }
}
