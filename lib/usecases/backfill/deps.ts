/** What the use-cases of a backfill are given. */
import type { Premises } from '../../core/backfill/estimate.ts';
import type { BackfillJob } from '../../core/backfill/job.ts';
import type { JobMode } from '../../core/backfill/mode.ts';
import type { Side } from '../../core/change.ts';
import type { Route } from '../../core/routes/route.ts';
import type { BackfillJobs, BackfillTally } from '../../ports/backfills.ts';
import type { Link, Sorter } from '../../ports/objects.ts';
import type { Queue, QueueAdmin } from '../../ports/queue.ts';
import type { ReplicationState, RoutePauses } from '../../ports/replication-state.ts';
import type { ReportStore, Signer } from '../../ports/reports.ts';
import type { Clock, Ids } from '../../ports/system.ts';

export interface BackfillDeps {
  readonly routes: readonly Route[];
  readonly backfills: BackfillJobs;
  readonly tally: BackfillTally;
  readonly state: Pick<ReplicationState, 'getMany'>;
  readonly queue: Pick<Queue, 'send'>;
  readonly admin: Pick<QueueAdmin, 'stats'>;
  readonly pauses: Pick<RoutePauses, 'recent'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sorter: Sorter;
  readonly reports: ReportStore;
  readonly signer: Signer;
  readonly link: (route: Route) => Promise<{ readonly link: Link; readonly back?: { readonly link: Link } }>;
  /** What is paid for on a route. */
  readonly premises: (route: Route) => Omit<Premises, 'mode'>;
}

/** Walks a backfill's steps: plan, then each range until it is done. */
export interface BackfillWorkflow {
  /** Returns before the work is done. Starting what is started already has no effect. */
  start(job: BackfillJob): Promise<void>;
  /** What is under way may go on for a page. */
  stop(job: BackfillJob): Promise<void>;
}

export interface BackfillRequest {
  readonly route: Route;
  /** See BackfillJob. */
  readonly side?: Side;
  readonly prefix: string;
  readonly mode: JobMode;
  readonly deep?: boolean;
  readonly delete?: boolean;
}
