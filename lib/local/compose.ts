/** Puts the embedded host's adapters together: everything that a handler works with. */
import type { Log } from '../../lambdas/shared/log.ts';
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import { openDatabase } from '../adapters/sqlite/database.ts';
import { SqliteDeleteLog } from '../adapters/sqlite/delete-log.ts';
import { SqliteQueue } from '../adapters/sqlite/queue.ts';
import { SqliteReplicationState } from '../adapters/sqlite/replication-state.ts';
import { SqliteRouteSources } from '../adapters/sqlite/route-sources.ts';
import { SqliteSorter } from '../adapters/sqlite/sorter.ts';
import { SqliteUpkeep } from '../adapters/sqlite/upkeep.ts';
import { SqliteWorkIndex } from '../adapters/sqlite/work-index.ts';
import { SystemIds } from '../adapters/system/ids.ts';
import type { TidemarkConfig } from '../config/config.ts';
import type { Environment } from '../config/host.ts';
import type { LinkTraits } from '../core/objects/plan.ts';
import type { Route } from '../core/routes/route.ts';
import type { Clock, Link } from '../ports.ts';
import { TransferGate } from '../usecases/transfer-gate.ts';
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
  close(): void;
}

/** Measured: below it, one request beats many (docs/adr). */
const PARTS_FROM = 64 * 1024 * 1024;

/** @throws TidemarkError INVALID_CONFIG, with what to do */
export async function compose({ config, env, databaseUrl, clock, log }: ComposeOptions): Promise<Composed> {
  const regions = await openRegions(config, env, clock);
  try {
    const database = openDatabase(databaseUrl);
    const state = new SqliteReplicationState(database);
    const queue = new SqliteQueue(database, { clock, maxBatch: RECEIVE_MAX });
    const runtime: Runtime = {
      config,
      routes: config.routes,
      state,
      index: new SqliteWorkIndex(database),
      deletes: new SqliteDeleteLog(database),
      queue,
      admin: queue,
      clock,
      ids: new SystemIds(),
      sorter: new SqliteSorter(),
      log,
      store: (region) => regions.store(region),
      link: linkOnce(regions),
      regionsOf: (bucket) => regionsOf(config, bucket),
    };
    const close = (): void => {
      database.close();
      regions.close();
    };
    return { runtime, queue, upkeep: new SqliteUpkeep(database, state), sources: new SqliteRouteSources(database), regions, close };
  } catch (error) {
    regions.close();
    throw error;
  }
}

type Linked = { readonly link: Link; readonly traits: LinkTraits };

/** What was found out about a route's ends is kept; a failure to find out is not, since it may be over at the next look. */
function linkOnce(regions: Regions): (route: Route) => Promise<Linked> {
  const known = new Map<string, Promise<Linked>>();
  const gate = new TransferGate();
  return (route) => {
    const found = known.get(route.name) ?? linkOf(regions, gate, route);
    known.set(route.name, found);
    found.catch(() => known.delete(route.name));
    return found;
  };
}

async function linkOf(regions: Regions, gate: TransferGate, { from, to }: Route): Promise<Linked> {
  const source = regions.store(from);
  const destination = regions.store(to);
  const serverSide = regions.serverSide(from, to);
  const [ours, theirs] = await Promise.all([source.capabilities(), destination.capabilities()]);
  const { conditionalCopy, conditionalPut, conditionalDelete } = theirs;
  const tags = ours.tags && theirs.tags;
  return {
    link: { source, destination, serverSide, tags, gate },
    traits: { serverSide: serverSide !== null, conditionalCopy, conditionalPut, conditionalDelete, tags, partsFrom: PARTS_FROM },
  };
}

/**
 * A folder's bucket is its region's name. Buckets of two stores may bear one name, and stores other than AWS name any region in
 * their events, so all of that name are meant: a look too many costs little.
 */
function regionsOf({ regions }: TidemarkConfig, bucket: string): readonly string[] {
  return Object.values(regions)
    .filter((region) => (region.kind === 'folder' ? region.name : region.bucket) === bucket)
    .map(({ name }) => name);
}
