/** Puts the embedded host's adapters together: everything that a handler works with. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BackfillHandler, makeBackfillHandler } from '../../lambdas/backfill/handler.ts';
import { auditTrail } from '../../lambdas/shared/audit-trail.ts';
import type { GatewayRuntime } from '../../lambdas/shared/gateway-runtime.ts';
import type { Log } from '../../lambdas/shared/log.ts';
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import { FolderAuditHeads } from '../adapters/filesystem/audit-heads.ts';
import { FolderReports } from '../adapters/filesystem/reports.ts';
import { JwtVerifier } from '../adapters/jwt/verifier.ts';
import { openEd25519Signer } from '../adapters/keys/ed25519.ts';
import { SqliteAuditStore } from '../adapters/sqlite/audit-store.ts';
import { SqliteBackfills } from '../adapters/sqlite/backfills.ts';
import { SqliteControl } from '../adapters/sqlite/control.ts';
import { openDatabase, type SqliteDatabase } from '../adapters/sqlite/database.ts';
import { SqliteDeleteLog } from '../adapters/sqlite/delete-log.ts';
import { SqliteQueue } from '../adapters/sqlite/queue.ts';
import { SqliteRecordPages } from '../adapters/sqlite/record-pages.ts';
import { SqliteReplicationState } from '../adapters/sqlite/replication-state.ts';
import { SqliteRoutePauses } from '../adapters/sqlite/route-pauses.ts';
import { SqliteRouteSources } from '../adapters/sqlite/route-sources.ts';
import { SqliteSignedMark } from '../adapters/sqlite/signed-mark.ts';
import { SqliteSorter } from '../adapters/sqlite/sorter.ts';
import { SqliteUpkeep } from '../adapters/sqlite/upkeep.ts';
import { SqliteWorkIndex } from '../adapters/sqlite/work-index.ts';
import { SystemClock } from '../adapters/system/clock.ts';
import { SystemIds } from '../adapters/system/ids.ts';
import type { TidemarkConfig } from '../config/config.ts';
import { premisesOf } from '../config/premises.ts';
import { regionsOf } from '../config/regions-of.ts';
import { schedulesOf } from '../config/schedules.ts';
import type { Environment } from '../config/variable.ts';
import type { TidemarkError } from '../core/errors.ts';
import type { Clock } from '../ports/system.ts';
import { linkOnce } from '../usecases/link-once.ts';
import { Pace } from '../usecases/pace.ts';
import { BackfillLoop } from './backfill-loop.ts';
import { type LocalGateway, openLocalGateway } from './gateway.ts';
import { PrometheusRegistry } from './prometheus/registry.ts';
import { RECEIVE_MAX } from './queue-poller.ts';
import { openRegions, type Regions } from './regions.ts';
import { openWebhook, type Webhook, webhookTarget } from './webhook.ts';

export interface ComposeOptions {
  readonly config: TidemarkConfig;
  /** Holds what the configuration names: credentials. */
  readonly env: Environment;
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Another process may use the database too: the host, beside which the gateway runs alone. @default false */
  readonly shared?: boolean;
  /** See HostOptions. */
  readonly gatewayMaxBytes?: GatewayRuntime['maxBytes'];
}

export interface Composed {
  readonly runtime: Runtime;
  readonly queue: SqliteQueue;
  readonly upkeep: SqliteUpkeep;
  readonly sources: SqliteRouteSources;
  readonly reports: FolderReports;
  readonly regions: Regions;
  readonly uncompared: Map<string, TidemarkError>;
  readonly canaries: Map<string, number>;
  readonly backfillLoop: BackfillLoop;
  /** Null: none is configured. */
  readonly gateway: LocalGateway | null;
  readonly prometheus: PrometheusRegistry;
  /** Undefined: no issuer is believed. */
  readonly jwt: JwtVerifier | undefined;
  /** Null: nobody is told of what ended. */
  readonly webhook: Webhook | null;
  /** Of the workflow, and of what starts one by the clock. */
  readonly steps: BackfillHandler;
  close(): void;
}

/** @throws TidemarkError INVALID_CONFIG, with what to do */
export async function compose({ config, env, databaseUrl, clock, log, shared = false, gatewayMaxBytes }: ComposeOptions): Promise<Composed> {
  const target = webhookTarget(config, env);
  const regions = await openRegions(config, env, clock);
  try {
    const database = openDatabase(databaseUrl, { shared });
    const place = placeBeside(database);
    const state = new SqliteReplicationState(database);
    const queue = new SqliteQueue(database, { clock, maxBatch: RECEIVE_MAX });
    const backfills = new SqliteBackfills(database);
    const backfillLoop = new BackfillLoop({ jobs: backfills, clock, log });
    const ids = new SystemIds();
    const auditStore = new SqliteAuditStore(database);
    const uncompared = new Map<string, TidemarkError>();
    const webhook = target && openWebhook(target, database, clock);
    const canaries = new Map<string, number>();
    const reports = new FolderReports(join(place.folder, 'reports'));
    const prometheus = new PrometheusRegistry(config.routes.map(({ name }) => name));
    const parts: Omit<Runtime, 'gateway'> = {
      config,
      routes: config.routes,
      state,
      index: new SqliteWorkIndex(database),
      recordPages: new SqliteRecordPages(database),
      deletes: new SqliteDeleteLog(database),
      pauses: new SqliteRoutePauses(database, clock),
      pace: new Pace(clock),
      queue,
      admin: queue,
      clock,
      ids,
      sorter: new SqliteSorter(),
      reports,
      signer: openEd25519Signer(join(place.folder, 'report-signing-key.pem')),
      backfills,
      tally: backfills,
      workflow: backfillLoop,
      premises: premisesOf(config, false),
      schedules: schedulesOf(config, config.limits.reconcileSec),
      audit: auditTrail(auditStore, clock, ids, log),
      auditStore,
      auditHeads: new FolderAuditHeads(join(place.folder, 'audit-heads')),
      auditMark: new SqliteSignedMark(database),
      unsealed: { error: null },
      log,
      uncompared,
      ...(webhook ? { completions: webhook.outbox, outbox: webhook.outbox } : {}),
      meter: prometheus,
      canaries,
      exposition: (figures) => prometheus.text(figures),
      store: (region) => regions.store(region),
      link: linkOnce(regions),
      regionsOf: (bucket) => regionsOf(config, bucket),
    };
    const gateway = config.gateway
      ? openLocalGateway({
          config: config.gateway,
          runtime: parts,
          control: new SqliteControl(database),
          store: regions.gatewayStore,
          folder: place.folder,
          maxBytes: gatewayMaxBytes,
        })
      : null;
    const runtime: Runtime = { ...parts, ...(gateway ? { gateway } : {}) };
    const steps = makeBackfillHandler(runtime, {
      mostWaiting: config.limits.backfillWaiting,
      patienceMs: Number.POSITIVE_INFINITY,
      graceMs: config.limits.verifyGraceSec * 1000,
      signal: backfillLoop.signal,
      schedules: schedulesOf(config),
    });
    backfillLoop.use(steps);
    const close = (): void => {
      void backfillLoop.close();
      database.close();
      regions.close();
      place.remove();
    };
    const upkeep = new SqliteUpkeep(database, state);
    return {
      runtime,
      queue,
      upkeep,
      reports,
      sources: new SqliteRouteSources(database),
      regions,
      uncompared,
      canaries,
      backfillLoop,
      gateway,
      prometheus,
      jwt: config.gateway?.jwt && new JwtVerifier(config.gateway.jwt, new SystemClock()),
      steps,
      webhook,
      close,
    };
  } catch (error) {
    regions.close();
    throw error;
  }
}

/** Where reports and their key lie: beside the database, and gone with one that ends with the process. */
function placeBeside({ path }: SqliteDatabase): { readonly folder: string; readonly remove: () => void } {
  if (path !== ':memory:') return { folder: dirname(path), remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-reports-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
