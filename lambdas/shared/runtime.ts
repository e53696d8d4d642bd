/** What every handler works with, made in one place per host: on AWS at cold start, embedded by lib/local. */
import type { TidemarkConfig } from '../../lib/config/config.ts';
import type { TidemarkError } from '../../lib/core/errors.ts';
import type { LinkTraits } from '../../lib/core/objects/plan.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import type { AuditHeads, AuditStore, AuditTrail, SignedMark } from '../../lib/ports/audit.ts';
import type { BackfillJobs, BackfillTally } from '../../lib/ports/backfills.ts';
import type { Completions } from '../../lib/ports/completions.ts';
import type { Meter } from '../../lib/ports/meter.ts';
import type { Link, RegionStore, Sorter } from '../../lib/ports/objects.ts';
import type { Queue, QueueAdmin } from '../../lib/ports/queue.ts';
import type { RecordPages } from '../../lib/ports/record-pages.ts';
import type { DeleteLog, ReplicationState, RoutePauses, WorkIndex } from '../../lib/ports/replication-state.ts';
import type { ReportStore, Signer } from '../../lib/ports/reports.ts';
import type { Clock, Ids } from '../../lib/ports/system.ts';
import type { BackfillDeps, BackfillWorkflow } from '../../lib/usecases/backfill/deps.ts';
import type { Metrics } from '../../lib/usecases/metrics.ts';
import type { Pace } from '../../lib/usecases/pace.ts';
import type { Schedule } from '../../lib/usecases/verify/schedule.ts';
import type { GatewayRuntime } from './gateway-runtime.ts';
import type { Log } from './log.ts';

export interface Runtime {
  readonly config: TidemarkConfig;
  readonly routes: readonly Route[];
  readonly state: ReplicationState;
  readonly index: WorkIndex;
  readonly recordPages: RecordPages;
  readonly deletes: DeleteLog;
  readonly pauses: RoutePauses;
  readonly queue: Queue;
  readonly admin: QueueAdmin;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sorter: Sorter;
  readonly reports: ReportStore;
  readonly signer: Signer;
  readonly backfills: BackfillJobs;
  readonly tally: BackfillTally;
  readonly workflow: BackfillWorkflow;
  readonly premises: BackfillDeps['premises'];
  /** What the clock starts for each route, wherever that is done. */
  readonly schedules: readonly Schedule[];
  /** Of what operators do, and what is decided by itself. */
  readonly audit: AuditTrail;
  readonly auditStore: AuditStore;
  /** Absent: no signed heads are kept. */
  readonly auditHeads?: AuditHeads;
  /** See SealDeps. */
  readonly auditMark?: SignedMark;
  /** See HealthDeps. */
  readonly unsealed?: { error: TidemarkError | null };
  readonly log: Log;
  /** Told of every look. */
  readonly meter?: Meter;
  /** The figures as Prometheus reads them (text format 0.0.4), with what the meter counted; absent where metrics go elsewhere. */
  readonly exposition?: (figures: Metrics) => Promise<string>;
  /** Absent: nobody is told. */
  readonly completions?: Completions;
  /** Of what is told by this process itself, as by a webhook. */
  readonly outbox?: { stats(): Promise<{ readonly waiting: number; readonly dead: number }> };
  /** See RunDeps. */
  readonly background?: (work: Promise<unknown>) => void;
  /** See GaugeDeps. */
  readonly canaries?: ReadonlyMap<string, number>;
  /** See HealthDeps. */
  readonly uncompared?: ReadonlyMap<string, TidemarkError>;
  /** Absent: none is configured. */
  readonly gateway?: GatewayRuntime;
  /** @throws TidemarkError INVALID_CONFIG for a name that is no region */
  readonly store: (region: string) => RegionStore;
  readonly link: (route: Route) => Promise<{ readonly link: Link; readonly traits: LinkTraits }>;
  /** Names of the regions that an event's bucket may be. */
  readonly regionsOf: (bucket: string, awsRegion: string) => readonly string[];
}
