/** The embedded host: one process that does what API Gateway, SQS and EventBridge do around the handlers on AWS. */
import { makeByteHandlers } from '../../lambdas/api/byte-handler.ts';
import type { Endpoint } from '../../lambdas/api/endpoint.ts';
import { ENDPOINTS, GATEWAY_ENDPOINTS } from '../../lambdas/api/endpoints.ts';
import { makeApiHandler } from '../../lambdas/api/handler.ts';
import { makeDeadLetterHandler } from '../../lambdas/dead-letters/handler.ts';
import { makeReplayHandler } from '../../lambdas/replay/handler.ts';
import type { GatewayRuntime } from '../../lambdas/shared/gateway-runtime.ts';
import type { Log } from '../../lambdas/shared/log.ts';
import { SystemClock } from '../adapters/system/clock.ts';
import type { TidemarkConfig } from '../config/config.ts';
import type { HostConfig } from '../config/host.ts';
import type { Environment } from '../config/variable.ts';
import { sourcesOf } from '../core/routes/route.ts';
import type { Clock } from '../ports/system.ts';
import type { BackfillLoop } from './backfill-loop.ts';
import { type Composed, compose } from './compose.ts';
import { consoleLog } from './console-log.ts';
import { FolderTrigger } from './folder-trigger.ts';
import { prepareFolders } from './folders.ts';
import type { LocalGateway } from './gateway.ts';
import { withRoomForMany } from './heap.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';
import { QueuePoller } from './queue-poller.ts';
import { Scheduler } from './scheduler.ts';
import { sealing } from './sealing.ts';
import { guardSources } from './source-guard.ts';

export interface HostOptions {
  readonly config: TidemarkConfig;
  readonly host: HostConfig;
  /** @default the process's own */
  readonly env?: Environment;
  /** @default lines of JSON on standard error, from LOG_LEVEL on */
  readonly log?: Log;
  /** @default the machine's time */
  readonly clock?: Clock;
  /** Serves objects, and replicates nothing: the host beside it does. @default false */
  readonly gatewayAlone?: boolean;
  /** As on AWS: larger bodies go by signed addresses. @default any size passes */
  readonly gatewayMaxBytes?: GatewayRuntime['maxBytes'];
}

export interface RunningHost {
  /** As `http://127.0.0.1:8111`. */
  readonly url: string;
  /**
   * Takes no new work, waits up to 8 s for what is under way, gives back the rest and closes everything. Never throws; nothing is lost,
   * since what is not finished lies in the queue.
   */
  stop(): Promise<void>;
}

const STOP_WITHIN_MS = 8_000;

/**
 * Resolves when it listens and works.
 * @throws TidemarkError INVALID_CONFIG when it cannot run as configured, with what to do; nothing is left open then
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const { config, host, env = process.env, clock = new SystemClock() } = options;
  const log = options.log ?? consoleLog(env.LOG_LEVEL);
  const { gatewayAlone = false, gatewayMaxBytes } = options;
  const composed = await compose({
    config,
    env,
    databaseUrl: host.databaseUrl,
    clock,
    log,
    shared: gatewayAlone,
    ...(gatewayMaxBytes ? { gatewayMaxBytes } : {}),
  });
  try {
    return await (gatewayAlone ? runGateway : run)(composed, host);
  } catch (error) {
    composed.close();
    throw error;
  }
}

async function run(composed: Composed, host: HostConfig): Promise<RunningHost> {
  const { runtime, queue, upkeep, reports, regions, sources, uncompared, canaries, backfillLoop, gateway, steps, webhook, close } = composed;
  const { config, clock, log } = runtime;
  await prepareFolders(runtime, regions.folders);
  await guardSources(runtime, regions.folders, sources);
  const watched = new Set(config.routes.flatMap(sourcesOf));
  const triggers = new Map<string, FolderTrigger>();
  const scheduler = new Scheduler({
    runtime,
    queue,
    upkeep,
    reports,
    uncompared,
    webhook,
    steps,
    canaries,
    deadLetters: makeDeadLetterHandler(runtime),
    watch: async (region) => triggers.get(region)?.ensure(),
  });
  for (const [region, bucket] of regions.folders) {
    if (!watched.has(region)) continue;
    triggers.set(region, new FolderTrigger({ region, bucket, queue, clock, log, onMissed: () => scheduler.reconcileSoon(region) }));
  }
  const { concurrency, lookSec } = config.limits;
  const poller = new QueuePoller({ queue, handler: withRoomForMany(makeReplayHandler(runtime)), clock, log, concurrency, lookSec });
  // Before anyone can ask for work: what is held from then on is held by this process.
  await scheduler.recover();
  const server = await serveApi(composed, host, ENDPOINTS);
  gateway?.start('host');
  poller.start();
  scheduler.start();
  const resumed = await backfillLoop.recover();
  if (resumed > 0) log.info('backfills go on where the former process left them', { backfills: resumed });
  return { url: server.url, stop: once(() => stopAll({ server, triggers, scheduler, poller, backfillLoop, gateway, clock, close })) };
}

async function runGateway(composed: Composed, host: HostConfig): Promise<RunningHost> {
  const { runtime, regions, gateway, close } = composed;
  await prepareFolders(runtime, regions.folders);
  const server = await serveApi(composed, host, GATEWAY_ENDPOINTS);
  const seal = sealing(runtime);
  seal.start();
  gateway?.start(`gateway-${new URL(server.url).port}`);
  const stop = async (): Promise<void> => {
    await Promise.allSettled([server.stop(AbortSignal.timeout(STOP_WITHIN_MS)), gateway?.stop(), seal.stop()]);
    close();
  };
  return { url: server.url, stop: once(stop) };
}

function serveApi({ runtime, gateway, prometheus, jwt }: Composed, host: HostConfig, endpoints: readonly Endpoint[]): Promise<HttpServer> {
  const { reports, clock, log } = runtime;
  return startHttpServer({
    ...host,
    jwt,
    addresses: gateway?.addresses,
    handler: makeApiHandler(runtime, endpoints),
    byteHandlers: makeByteHandlers(runtime, endpoints, (...answer) => prometheus.answered(...answer)),
    reports,
    clock,
    log,
  });
}

interface Parts {
  readonly server: HttpServer;
  readonly triggers: ReadonlyMap<string, FolderTrigger>;
  readonly scheduler: Scheduler;
  readonly poller: QueuePoller;
  readonly backfillLoop: BackfillLoop;
  readonly gateway: LocalGateway | null;
  readonly clock: Clock;
  readonly close: () => void;
}

async function stopAll({ server, triggers, scheduler, poller, backfillLoop, gateway, clock, close }: Parts): Promise<void> {
  const deadline = new AbortController();
  const finished = new AbortController();
  const over = clock.sleep(STOP_WITHIN_MS, finished.signal).then(() => deadline.abort());
  // What the folders told is queued before the queue closes; a reconcile that does not end is begun anew by the next process.
  const sent = [...triggers.values()].map((trigger) => trigger.close());
  const given = poller.stop(deadline.signal);
  await Promise.race([
    Promise.allSettled([...sent, given, server.stop(deadline.signal), scheduler.stop(), backfillLoop.close(), gateway?.stop()]),
    over,
  ]);
  await given;
  close();
  finished.abort();
}

function once(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= act();
    return running;
  };
}
