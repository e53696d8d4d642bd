/** One schedule: the real use-cases over modelled stores, under chance. */
import type { ObjectChange } from '../../lib/core/change.ts';
import { deliveryId } from '../../lib/core/objects/delivery.ts';
import { lookMessage } from '../../lib/core/objects/message.ts';
import { DEFAULT_RETRY } from '../../lib/core/retry.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import { ingest } from '../../lib/usecases/ingest.ts';
import type { Linked } from '../../lib/usecases/key-job.ts';
import { reconcile } from '../../lib/usecases/reconcile.ts';
import { requeueAllErrors } from '../../lib/usecases/requeue.ts';
import { runReplay } from '../../lib/usecases/run-replay.ts';
import { pauseRoute, resumeRoute } from '../../lib/usecases/steer-route.ts';
import { sweep } from '../../lib/usecases/sweep.ts';
import { Damage } from './damage.ts';
import { LARGE_BYTES, linkOf } from './link.ts';
import { listOnce } from './lister.ts';
import { Bucket, etagOf } from './model/bucket.ts';
import { QueueModel } from './model/queue.ts';
import { PauseModel, refsWith, Table } from './model/table.ts';
import { Monitor, type Violation } from './monitor.ts';
import { Network } from './network.ts';
import { Random } from './random.ts';
import { CALM, isStrict } from './scenario.ts';
import type { Scenario, UserOp } from './scenario-shape.ts';
import { Actor, Scheduler } from './scheduler.ts';
import { notification, sequencerOf } from './store-events.ts';
import { LOOK_MS, Workers } from './workers.ts';

const ROUTE: Route = { name: 'a-b', from: 'source', to: 'destination', prefix: '', deletes: true };
const FAULTS_FOR_MS = 300_000;
const MAX_STEPS = 60_000;
/** Bytes that never were at the source. */
const FOREIGN = 'f';

export interface Outcome {
  readonly violations: readonly Violation[];
  readonly steps: number;
}

export class World {
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #scheduler = new Scheduler();
  readonly #network: Network;
  readonly #source: Bucket;
  readonly #destination: Bucket;
  readonly #table = new Table();
  readonly #pauses = new PauseModel();
  readonly #queue: QueueModel;
  readonly #monitor: Monitor;
  readonly #damage: Damage;
  readonly #workers: Workers;
  readonly #expected = new Set<string>();
  readonly #events: ObjectChange[] = [];
  readonly #lastSecond = new Map<string, number>();
  #phase = 0;
  #poisonOver = false;
  /** Resumptions that an operator asked for, and the last of them that was carried out whole. */
  readonly #resumptions = { asked: 0, carriedOut: 0 };
  #writesBefore = 0;

  constructor(scenario: Scenario, scheduleSeed: number, trace?: (line: string) => void) {
    this.#scenario = scenario;
    this.#random = new Random(scheduleSeed);
    this.#network = new Network(this.#scheduler, this.#random, scenario.faults);
    if (trace) this.#network.trace = trace;
    const { versioned, conditionalCopy, conditionalPut, conditionalDelete } = scenario.store;
    this.#source = new Bucket('source', { versioned, conditionalCopy: true, conditionalPut: true, conditionalDelete: true });
    this.#destination = new Bucket('destination', { versioned, conditionalCopy, conditionalPut, conditionalDelete });
    this.#queue = new QueueModel(this.#scheduler, this.#random);
    this.#workers = new Workers({
      scenario,
      scheduler: this.#scheduler,
      random: this.#random,
      network: this.#network,
      queue: this.#queue,
      table: this.#table,
      pauses: this.#pauses,
      routes: [ROUTE],
      regionsOf: () => ['source'],
      link: (actor) => this.#link(actor),
    });
    this.#monitor = new Monitor(isStrict(scenario), this.#source, this.#destination, this.#table, () => this.#scheduler.now);
    if (scenario.foreign) this.#destination.put('a', { label: FOREIGN, size: 1, meta: '', tags: '', lastModified: this.#scheduler.now, stamp: 0 });
    this.#monitor.records.pausedAt = () => this.#pauses.at;
    this.#monitor.watch();
    this.#pauses.used = scenario.pauses.length > 0;
    for (const { at, forMs } of scenario.pauses) {
      this.#scheduler.after(at, () => this.#pause());
      this.#scheduler.after(at + forMs, () => this.#resume());
    }
    this.#damage = new Damage(ROUTE, this.#source, this.#destination);
    for (const { at, key, repairAt } of scenario.damages) {
      this.#scheduler.after(at, () => this.#destination.rot(key));
      this.#scheduler.after(repairAt, () => this.#repair());
    }
    for (const op of scenario.user) this.#scheduler.after(op.at, () => this.#user(op));
    this.#scheduler.after(FAULTS_FOR_MS, () => {
      this.#network.faults = CALM;
    });
  }

  /** Runs one step. @returns false when the schedule is over */
  step(): boolean {
    if (this.#monitor.violations.length > 0) return false;
    if (this.#scheduler.steps > MAX_STEPS) {
      this.#monitor.violate('O9', 'the schedule does not end');
      return false;
    }
    return this.#scheduler.step() || this.#nextPhase();
  }

  outcome(): Outcome {
    return { violations: this.#monitor.violations, steps: this.#scheduler.steps };
  }

  /** Quiet: the operator repairs what is visible, then a repeated event must change nothing any more. */
  #nextPhase(): boolean {
    this.#network.faults = CALM;
    // An operator who got no answer asks again.
    if (this.#phase === 0 && (this.#pauses.at !== null || this.#resumptions.carriedOut < this.#resumptions.asked)) {
      this.#resume();
      return true;
    }
    switch (this.#phase++) {
      case 0:
        // A worker that slept through the end of its message may leave an error as pending again; the sweep is for that.
        if (this.#scenario.faults.stall === 0) this.#monitor.records.beforeSweep();
        if (this.#monitor.violations.length > 0) return false;
        this.#workers.start('sweeper', (deps) => sweep(deps, 100));
        return true;
      case 1:
        if (this.#scenario.faults.loseEvent === 0) return this.#nextPhase();
        this.#workers.start('reconcile', async (deps) => reconcile(deps, ROUTE, (await deps.link(ROUTE)).link, 10_000));
        return true;
      case 2:
        if (this.#scenario.poison && !this.#queue.dead.length && this.#monitor.writes > 0) this.#checkPoison();
        this.#poisonOver = true;
        this.#workers.start('operator', (deps) => requeueAllErrors(deps, Number.POSITIVE_INFINITY));
        return true;
      case 3:
        if (this.#scenario.damages.length === 0) return this.#nextPhase();
        this.#repair();
        return true;
      case 4:
        this.#monitor.finish(this.#queue.size, this.#expected);
        for (const key of this.#damage.found()) this.#monitor.violate('O4', `${key}: still damaged after a deep repair`);
        if (this.#monitor.violations.length > 0) return false;
        this.#writesBefore = this.#monitor.writes;
        for (const change of this.#events) this.#queue.send(notification(change), this.#random.between(0, 100));
        return true;
      default:
        if (this.#monitor.writes > this.#writesBefore && this.#monitor.lostDeletes.size === 0)
          this.#monitor.violate('O5', `repeated events caused ${this.#monitor.writes - this.#writesBefore} writes`);
        if (this.#monitor.violations.length === 0) this.#monitor.finish(this.#queue.size, this.#expected);
        return false;
    }
  }

  #pause(): void {
    this.#workers.start('operator', (deps) => pauseRoute(deps, ROUTE.name));
  }

  #resume(): void {
    const resumption = ++this.#resumptions.asked;
    this.#workers.start('operator', async (deps) => {
      await resumeRoute(deps, ROUTE.name, { acceptDeletes: false, deadline: Number.POSITIVE_INFINITY });
      this.#resumptions.carriedOut = Math.max(resumption, this.#resumptions.carriedOut);
    });
  }

  #repair(): void {
    for (const change of this.#damage.repairs(this.#scheduler.now)) {
      this.#expected.add(deliveryId(ROUTE.name, change));
      const body = lookMessage(ROUTE.name, change.key, [change]);
      const copies = this.#random.chance(this.#network.faults.duplicate) ? 2 : 1;
      for (let i = 0; i < copies; i++) this.#queue.send(body, this.#random.between(0, 1_000));
    }
  }

  #checkPoison(): void {
    const stuck = refsWith(this.#table, (record) => record.deliveries.some(({ status }) => status === 'error'));
    if (stuck.length > 0 && this.#queue.dead.length === 0)
      this.#monitor.violate('O9', 'a poisoned key ended as an error without its message in the dead-letter queue');
  }

  #user(op: UserOp): void {
    const user = new Actor('user');
    this.#network.tell(user, () => JSON.stringify(op));
    if (op.do === 'unmount') {
      this.#source.missing = true;
      this.#scheduler.after(op.forMs, () => {
        this.#source.missing = false;
      });
      return;
    }
    if (op.do === 'run') {
      const terms = { limit: 50, leaseMs: this.#scenario.leaseMs, retry: DEFAULT_RETRY };
      this.#workers.start('runner', (deps) =>
        runReplay(deps, { ...terms, deadline: deps.clock.now() + 20_000, lookDeadline: deps.clock.now() + LOOK_MS }),
      );
      return;
    }
    if (op.do === 'ingest') {
      const change: ObjectChange = { op: op.op, key: op.key, origin: 'api', ts: this.#scheduler.now, etag: 'whatever' };
      if (op.op === 'DELETE') this.#monitor.toldToDelete.add(op.key);
      this.#workers.start('api', async (deps) => {
        await ingest(deps, [{ route: ROUTE, change }]);
        this.#expected.add(deliveryId(ROUTE.name, change));
      });
      return;
    }
    if (op.do === 'list') {
      this.#workers.start('lister', (deps) =>
        listOnce(deps, ROUTE, op.mode, this.#random, (change) => this.#expected.add(deliveryId(ROUTE.name, change))),
      );
      return;
    }
    // Who writes needs the bucket: it waits until it is there again.
    if (this.#source.missing) {
      this.#scheduler.after(5_000, () => this.#user(op));
      return;
    }
    this.#write(op);
  }

  #write(op: Exclude<UserOp, { do: 'unmount' | 'run' | 'list' | 'ingest' }>): void {
    const before = this.#source.current(op.key);
    const stamp = this.#monitor.nextStamp();
    const lastModified = this.#scheduler.now;
    const sequencer = sequencerOf(stamp);
    const about = { key: op.key, origin: 's3', ts: lastModified } as const;
    switch (op.do) {
      case 'put': {
        const size = this.#scenario.store.large ? LARGE_BYTES : op.label.length;
        const { label, meta, tags } = op;
        this.#monitor.userWrote(op.key, stamp, op);
        this.#source.put(op.key, { label, size, meta, tags, lastModified, stamp });
        this.#tell({ ...about, op: 'PUT', etag: etagOf(label), size, sequencer });
        return;
      }
      case 'delete':
        this.#monitor.userWrote(op.key, stamp, null);
        this.#source.remove(op.key);
        if (op.untold) this.#monitor.lostDeletes.add(op.key);
        else this.#tell({ ...about, op: 'DELETE', sequencer });
        return;
      case 'meta':
        if (!before) return;
        this.#monitor.userWrote(op.key, stamp, { ...before, meta: op.meta });
        this.#source.put(op.key, { ...before, meta: op.meta, lastModified, stamp });
        this.#tell({ ...about, op: 'PUT', etag: etagOf(before.label), size: before.size, sequencer });
        return;
      case 'tags':
        if (!before) return;
        this.#source.retag(op.key, op.tags);
        this.#tell({ ...about, op: 'TAG', etag: etagOf(before.label) });
        return;
    }
  }

  /** The store tells of a change: at least once, in any order, unless it is lost outside anyone's power. */
  #tell(change: ObjectChange): void {
    const { random } = this.#network;
    const { loseEvent, duplicate, delay } = this.#network.faults;
    // What no listing shows may be late but not lost: tags alone, and a second write within one second.
    const second = Math.floor(change.ts / 1000);
    const shows = this.#lastSecond.get(change.key) !== second;
    this.#lastSecond.set(change.key, second);
    if (change.op !== 'TAG' && random.chance(loseEvent) && shows) {
      if (change.op === 'DELETE') this.#monitor.lostDeletes.add(change.key);
      // Told at the very end, when a reconcile has found it: then it must change nothing.
      else this.#events.push(change);
      return;
    }
    const id = deliveryId(ROUTE.name, change);
    this.#expected.add(id);
    this.#monitor.records.told(id);
    this.#events.push(change);
    const copies = random.chance(duplicate) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      this.#queue.send(notification(change), random.chance(delay) ? random.between(1_000, 200_000) : random.between(1, 1_000));
    }
  }

  #link(actor: Actor): Linked {
    const poisoned = (key: string): boolean => this.#scenario.poison && !this.#poisonOver && key === 'a';
    const ends = { store: this.#scenario.store, source: this.#source, destination: this.#destination };
    return linkOf({ ...ends, table: this.#table, network: this.#network, poisoned }, actor);
  }
}
