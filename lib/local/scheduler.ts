/** What the embedded host does by the clock; on AWS, EventBridge Scheduler and the stores themselves do it. */
import type { BackfillHandler } from '../../lambdas/backfill/handler.ts';
import { lookAtCanaries } from '../../lambdas/shared/look-at-canaries.ts';
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import { makeSweepHandler } from '../../lambdas/sweep/handler.ts';
import type { FolderReports } from '../adapters/filesystem/reports.ts';
import type { SqliteQueue } from '../adapters/sqlite/queue.ts';
import type { SqliteUpkeep } from '../adapters/sqlite/upkeep.ts';
import { asTidemarkError, type TidemarkError } from '../core/errors.ts';
import { type Route, sourcesOf } from '../core/routes/route.ts';
import type { ListedObject, Sorter } from '../ports/objects.ts';
import { noteReconciled } from '../usecases/backfill/store.ts';
import { expectScheduled } from '../usecases/comparisons.ts';
import { reconcile } from '../usecases/reconcile.ts';
import { LATE_WRITE_MS } from '../usecases/replay-key.ts';
import { recordDeadLetters } from './dead-letter-poller.ts';
import { lambdaContext } from './lambda-context.ts';
import { Periodic } from './periodic.ts';
import type { SqsHandler } from './queue-poller.ts';
import { sealing } from './sealing.ts';
import { sending, type Webhook } from './webhook.ts';

export interface SchedulerOptions {
  readonly runtime: Runtime;
  readonly queue: SqliteQueue;
  readonly upkeep: SqliteUpkeep;
  readonly reports: FolderReports;
  readonly deadLetters: SqsHandler;
  readonly webhook: Webhook | null;
  readonly steps: BackfillHandler;
  /** Kept up to date here, shown by health. */
  readonly uncompared: Map<string, TidemarkError>;
  /** Kept up to date here, shown by metrics. */
  readonly canaries: Map<string, number>;
  /** Awaited before a region is listed, so that nothing falls between the watch and the listing. */
  readonly watch: (region: string) => Promise<void>;
}

const SWEEP_EVERY_MS = 60_000;
const PURGE_EVERY_MS = 3_600_000;
/** As long as the bucket of reports on AWS keeps them. */
const REPORTS_KEPT_MS = 400 * 24 * 3_600_000;
/** As often as a verify may be asked for. */
const SCHEDULE_EVERY_MS = 60_000;
const STEP_LIMIT_MS = 3_600_000;
const PURGE_LIMIT = 1_000;
const DEAD_LETTERS_EVERY_MS = 5_000;
/** What is told anew is sent sooner; this is for what is tried again. */
const SEND_EVERY_MS = 2_000;
/** They say themselves how often they are sent; where they are is worth a look more often. */
const CANARIES_EVERY_MS = 10_000;
/** With more messages waiting, a reconcile would queue once more what it queued before. */
const BACKLOG = 1_000;

/** Failures in a row after which it is no passing trouble that is over before anyone looks. */
const LASTING = 2;

interface Comparing {
  /** What was said last, so that a change alone is said. */
  problem: string;
  failures: number;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #reconciles: ReadonlyMap<Route, Periodic>;
  readonly #others: readonly Periodic[];

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { runtime, queue, upkeep, webhook } = options;
    const { clock, log, config } = runtime;
    const every = (name: string, everyMs: number, run: (signal: AbortSignal) => Promise<void>): Periodic =>
      new Periodic({ name, everyMs, clock, log }, run);
    this.#reconciles = new Map(
      runtime.routes.map((route) => {
        const health: Comparing = { problem: '', failures: 0 };
        return [route, every(`reconcile of ${route.name}`, config.limits.reconcileSec * 1000, (signal) => this.#reconcile(route, health, signal))];
      }),
    );
    this.#others = [
      every('sweep', SWEEP_EVERY_MS, makeSweepHandler(runtime)),
      every('purge of what is kept no longer', PURGE_EVERY_MS, async (signal) => {
        while (!signal.aborted && (await upkeep.purgeExpired(clock.now(), PURGE_LIMIT)) === PURGE_LIMIT);
        await upkeep.purgeJobs(clock.now());
        await options.reports.removeOlder(clock.now() - REPORTS_KEPT_MS);
      }),
      sealing(runtime),
      ...(config.verify ? [every('start of verifies', SCHEDULE_EVERY_MS, () => this.#startDue())] : []),
      every('recording of dead letters', DEAD_LETTERS_EVERY_MS, async (signal) => {
        await recordDeadLetters({ queue, handler: options.deadLetters, clock, log }, signal);
      }),
      every('look at the canaries', CANARIES_EVERY_MS, () => lookAtCanaries(runtime, options.canaries)),
    ];
    if (!webhook) return;
    const send = every('sending to the webhook', SEND_EVERY_MS, sending(webhook, log));
    webhook.outbox.onAdded = () => send.soon();
    this.#others = [...this.#others, send];
  }

  /**
   * Frees what the former process held. Safe although leases fence writers: the database is held by one process at a time,
   * so whoever held a message or a lease in it is dead, and its last write is looked after by whoever claims the key next.
   */
  async recover(): Promise<void> {
    const { runtime, queue, upkeep } = this.#options;
    const messages = await queue.releaseInFlight();
    const now = runtime.clock.now();
    // What a dead process wrote to a folder of this machine is there: there is nothing to rest for.
    const local = runtime.routes.filter(({ from, to }) => [from, to].every((end) => runtime.config.regions[end]?.kind === 'folder'));
    const leases = await upkeep.releaseLeases(now, (route) => (local.some(({ name }) => name === route) ? now - LATE_WRITE_MS : now));
    // Nobody is told that what could not be begun meanwhile is late.
    await expectScheduled(runtime);
    if (messages + leases > 0) runtime.log.info('took over what the former process held', { messages, leases });
  }

  start(): void {
    for (const task of this.#all()) task.start();
  }

  /** Compares the listings of every route that carries what this region's users write, soon: some of its changes may have been missed. */
  reconcileSoon(region: string): void {
    for (const [route, task] of this.#reconciles) if (sourcesOf(route).includes(region)) task.soon();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all().map((task) => task.stop()));
  }

  #all(): readonly Periodic[] {
    return [...this.#reconciles.values(), ...this.#others];
  }

  async #startDue(): Promise<void> {
    await this.#options.steps({ action: 'schedule' }, lambdaContext('backfill', STEP_LIMIT_MS));
  }

  async #reconcile(route: Route, health: Comparing, signal: AbortSignal): Promise<void> {
    const { runtime, watch, uncompared } = this.#options;
    const { log, config } = runtime;
    try {
      // What it would find waits all the same; it is found when the route flows.
      if ((await runtime.pauses.recent()).has(route.name)) return;
      for (const region of sourcesOf(route)) await watch(region);
      const { waiting } = await runtime.admin.stats();
      if (waiting > BACKLOG) return log.debug('the route is compared when the queue is shorter', { route: route.name, waiting });
      const { link } = await runtime.link(route);
      const begunAt = runtime.clock.now();
      const found = await reconcile({ ...runtime, sorter: until(signal, runtime.sorter) }, route, link, config.limits.deleteGraceSec * 1000);
      if (health.problem !== '') log.info('the buckets of the route are reached again', { route: route.name });
      await noteReconciled(runtime.backfills, route.name, begunAt);
      health.problem = '';
      health.failures = 0;
      uncompared.delete(route.name);
      if (found.queued > 0) log.info('differences were queued', { route: route.name, ...found });
    } catch (thrown) {
      if (signal.aborted) return;
      const error = asTidemarkError(thrown);
      if (++health.failures >= LASTING) uncompared.set(route.name, error);
      if (error.message === health.problem) return;
      health.problem = error.message;
      log.warn('the route cannot be compared; nothing is deleted meanwhile', {
        route: route.name,
        code: error.code,
        error: error.message,
        fix: error.fix,
      });
    }
  }
}

/** Ends a long listing when the host stops. */
function until(signal: AbortSignal, sorter: Sorter): Sorter {
  return { sort: (pages) => sorter.sort(whileRunning(signal, pages)) };
}

async function* whileRunning(signal: AbortSignal, pages: AsyncIterable<readonly ListedObject[]>): AsyncGenerator<readonly ListedObject[]> {
  for await (const page of pages) {
    signal.throwIfAborted();
    yield page;
  }
}
