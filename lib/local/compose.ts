/** Puts the embedded host's adapters together: everything that a handler works with. */
import { makeBackfillHandler } from '../../lambdas/backfill/handler.ts';
import type { Log } from '../../lambdas/shared/log.ts';
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import { SqliteBackfills } from '../adapters/sqlite/backfills.ts';
import { openDatabase } from '../adapters/sqlite/database.ts';
import { SqliteDeleteLog } from '../adapters/sqlite/delete-log.ts';
import { SqliteQueue } from '../adapters/sqlite/queue.ts';
import { SqliteReplicationState } from '../adapters/sqlite/replication-state.ts';
import { SqliteRoutePauses } from '../adapters/sqlite/route-pauses.ts';
import { SqliteRouteSources } from '../adapters/sqlite/route-sources.ts';
import { SqliteSorter } from '../adapters/sqlite/sorter.ts';
import { SqliteUpkeep } from '../adapters/sqlite/upkeep.ts';
import { SqliteWorkIndex } from '../adapters/sqlite/work-index.ts';
import { SystemIds } from '../adapters/system/ids.ts';
import type { TidemarkConfig } from '../config/config.ts';
import { premisesOf } from '../config/premises.ts';
import { regionsOf } from '../config/regions-of.ts';
import type { Environment } from '../config/variable.ts';
import type { TidemarkError } from '../core/errors.ts';
import type { Clock } from '../ports/system.ts';
import { linkOnce } from '../usecases/link-once.ts';
import { Pace } from '../usecases/pace.ts';
import { BackfillLoop } from './backfill-loop.ts';
import { PrometheusRegistry } from './prometheus/registry.ts';
import { RECEIVE_MAX } from './queue-poller.ts';
import { openRegions, type Regions } from './regions.ts';

export interface ComposeOptions {
  readonly config: TidemarkConfig;
  /** Holds what the configuration names: credentials. */
  readonly env: Environment;
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Composed {
  readonly runtime: Runtime;
  readonly queue: SqliteQueue;
  readonly upkeep: SqliteUpkeep;
  readonly sources: SqliteRouteSources;
  readonly regions: Regions;
  readonly uncompared: Map<string, TidemarkError>;
  readonly canaries: Map<string, number>;
  readonly backfillLoop: BackfillLoop;
  close(): void;
}

/** @throws TidemarkError INVALID_CONFIG, with what to do */
export async function compose({ config, env, databaseUrl, clock, log }: ComposeOptions): Promise<Composed> {
  const regions = await openRegions(config, env, clock);
  try {
    const database = openDatabase(databaseUrl);
    const state = new SqliteReplicationState(database);
    const queue = new SqliteQueue(database, { clock, maxBatch: RECEIVE_MAX });
    const backfills = new SqliteBackfills(database);
    const backfillLoop = new BackfillLoop({ jobs: backfills, clock, log });
    const uncompared = new Map<string, TidemarkError>();
    const canaries = new Map<string, number>();
    const prometheus = new PrometheusRegistry(config.routes.map(({ name }) => name));
    const runtime: Runtime = {
      config,
      routes: config.routes,
      state,
      index: new SqliteWorkIndex(database),
      deletes: new SqliteDeleteLog(database),
      pauses: new SqliteRoutePauses(database),
      pace: new Pace(clock),
      queue,
      admin: queue,
      clock,
      ids: new SystemIds(),
      sorter: new SqliteSorter(),
      backfills,
      tally: backfills,
      workflow: backfillLoop,
      premises: premisesOf(config, false),
      log,
      uncompared,
      meter: prometheus,
      canaries,
      exposition: (figures) => prometheus.text(figures),
      store: (region) => regions.store(region),
      link: linkOnce(regions),
      regionsOf: (bucket) => regionsOf(config, bucket),
    };
    backfillLoop.use(
      makeBackfillHandler(runtime, { mostWaiting: config.limits.backfillWaiting, patienceMs: Number.POSITIVE_INFINITY, signal: backfillLoop.signal }),
    );
    const close = (): void => {
      void backfillLoop.close();
      database.close();
      regions.close();
    };
    const upkeep = new SqliteUpkeep(database, state);
    return { runtime, queue, upkeep, sources: new SqliteRouteSources(database), regions, uncompared, canaries, backfillLoop, close };
  } catch (error) {
    regions.close();
    throw error;
  }
}
