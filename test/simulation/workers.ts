/** The processes that work on the queue: started when there is something to do, each with a clock of its own, each may die. */
import { type ReplicationRecord, workEntry } from '../../lib/core/objects/record.ts';
import { DEFAULT_RETRY } from '../../lib/core/retry.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import type { Sorter } from '../../lib/ports/objects.ts';
import type { RoutePauses, WorkIndex } from '../../lib/ports/replication-state.ts';
import type { Clock, Ids } from '../../lib/ports/system.ts';
import type { Linked } from '../../lib/usecases/key-job.ts';
import { Pace } from '../../lib/usecases/pace.ts';
import { type BatchDeps, replayMessages } from '../../lib/usecases/replay-messages.ts';
import { ModelQueue, type QueueModel } from './model/queue.ts';
import { ModelPauses, ModelState, openBreaker, type PauseModel, refsWith, type Table } from './model/table.ts';
import { LANDS_WITHIN_MS, type Network } from './network.ts';
import type { Random } from './random.ts';
import type { Scenario } from './scenario-shape.ts';
import { Actor, type Scheduler } from './scheduler.ts';

export const LOOK_MS = 60_000;
/** Back only when a write of the former receiver must have landed. */
const VISIBILITY_MS = LOOK_MS + LANDS_WITHIN_MS + 10_000;

export type WorkerDeps = BatchDeps & { index: WorkIndex; pauses: RoutePauses; admin: { redrive(): Promise<number> }; sorter: Sorter };

export interface WorkersProps {
  readonly scenario: Pick<Scenario, 'workers' | 'batch' | 'leaseMs' | 'faults'>;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly network: Network;
  readonly queue: QueueModel;
  readonly table: Table;
  readonly pauses: PauseModel;
  readonly routes: readonly Route[];
  readonly regionsOf: (bucket: string) => readonly string[];
  readonly link: (actor: Actor) => Linked;
}

export class Workers {
  readonly #props: WorkersProps;
  #actors = 0;
  #running = 0;

  constructor(props: WorkersProps) {
    this.#props = props;
    const { queue, scheduler, random } = props;
    queue.onVisible = (inMs) => scheduler.after(inMs + random.between(0, 400), () => this.#poll());
  }

  #poll(): void {
    if (this.#running >= this.#props.scenario.workers || !this.#props.queue.hasVisible) return;
    this.start('worker', async (deps, queue) => {
      const messages = await queue.receive(this.#props.scenario.batch, VISIBILITY_MS);
      if (messages.length === 0) return;
      const terms = { deadline: deps.clock.now() + LOOK_MS, leaseMs: this.#props.scenario.leaseMs, retry: DEFAULT_RETRY };
      const { failed } = await replayMessages(deps, messages, terms);
      await queue.acknowledge(messages.filter(({ messageId }) => !failed.includes(messageId)).map(({ receipt }) => receipt));
    });
  }

  start(kind: string, work: (deps: WorkerDeps, queue: ModelQueue) => Promise<unknown>): void {
    const skew = this.#props.random.between(-this.#props.scenario.faults.skewMs, this.#props.scenario.faults.skewMs);
    const actor = new Actor(`${kind}${++this.#actors}`, skew);
    actor.since = this.#props.scheduler.now;
    this.#running++;
    const over = (): void => {
      if (!actor.alive) return;
      actor.alive = false;
      ended();
    };
    let counted = true;
    const ended = (): void => {
      if (!counted) return;
      counted = false;
      this.#running--;
      this.#props.scheduler.after(1, () => this.#poll());
    };
    // A platform starts another worker in place of one that died or sleeps too long; the sleeper stays what it is: a zombie.
    this.#props.scheduler.after(LOOK_MS + 5_000, ended, () => !counted);
    const queue = new ModelQueue(this.#props.queue, this.#props.network, actor);
    work(this.#deps(actor, queue), queue).then(over, over);
  }

  #deps(actor: Actor, queue: ModelQueue): WorkerDeps {
    const { scheduler, network, random, table, pauses, routes, regionsOf, link } = this.#props;
    const clock: Clock = { now: () => scheduler.now + actor.skew, sleep: (ms, signal) => network.sleep(actor, ms, signal) };
    let serial = 0;
    const ids: Ids = { next: () => `${actor.name}.${++serial}`, random: () => random.next() };
    const linked = link(actor);
    return {
      state: new ModelState(table, network, actor),
      queue,
      clock,
      ids,
      link: () => Promise.resolve(linked),
      deletes: openBreaker.deletes,
      audit: { note: () => Promise.resolve() },
      pauses: new ModelPauses(pauses, network, actor),
      pace: new Pace(clock),
      index: this.#index(actor),
      routes,
      regionsOf,
      admin: { redrive: () => Promise.resolve(0) },
      sorter: { sort: (listing) => listing },
    };
  }

  #index(actor: Actor): WorkIndex {
    const call = <T>(what: string, effect: () => T): Promise<T> => this.#props.network.call(actor, `index.${what}`, effect);
    return {
      due: (routes) => call('due', () => refsWith(this.#props.table, (record) => routes.includes(record.route) && workEntry(record)?.kind === 'due')),
      waiting: (kind) =>
        call(`waiting ${kind}`, () =>
          refsWith(this.#props.table, (record) =>
            // As the sparse index has it: what a worker is just doing, with its message behind it, stands in none.
            kind === 'open' ? isOpen(record) && workEntry(record)?.kind === 'due' : record.deliveries.some(({ status }) => status === 'error'),
          ),
        ),
      deliveries: () => Promise.resolve({ events: [] }),
      // Nobody here reads them.
      stats: () =>
        Promise.resolve({ counts: { pending: 0, in_progress: 0, done: 0, superseded: 0, error: 0 }, openBytes: 0, objects: {}, conflicts: {} }),
      oldest: () => Promise.resolve({}),
      objects: openBreaker.index.objects,
    };
  }
}

function isOpen({ deliveries }: ReplicationRecord): boolean {
  return deliveries.some(({ status }) => status === 'pending' || status === 'in_progress');
}
