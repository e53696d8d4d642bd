/** One schedule of a bidirectional route: users write in both regions, and the real use-cases settle it, under chance. */
import type { ObjectChange } from '../../lib/core/change.ts';
import { deliveryId } from '../../lib/core/objects/delivery.ts';
import { changeAt, type Route } from '../../lib/core/routes/route.ts';
import type { Link } from '../../lib/ports/objects.ts';
import { ingest } from '../../lib/usecases/ingest.ts';
import type { Linked, OneWay } from '../../lib/usecases/key-job.ts';
import { reconcile } from '../../lib/usecases/reconcile.ts';
import { requeueAllErrors } from '../../lib/usecases/requeue.ts';
import { sweep } from '../../lib/usecases/sweep.ts';
import { TransferGate } from '../../lib/usecases/transfer-gate.ts';
import { Bucket, type Version } from './model/bucket.ts';
import { QueueModel } from './model/queue.ts';
import { ModelServerSide } from './model/server-side.ts';
import { ModelStore } from './model/store.ts';
import { PauseModel, Table } from './model/table.ts';
import { Network } from './network.ts';
import { MAX_SKEW_MS, PairMonitor } from './pair-monitor.ts';
import { type PairOp, type PairScenario, REGIONS, type Region } from './pair-scenario.ts';
import { Random } from './random.ts';
import { CALM } from './scenario.ts';
import { Actor, Scheduler } from './scheduler.ts';
import { notification, sequencerOf } from './store-events.ts';
import { Workers } from './workers.ts';
import type { Outcome } from './world.ts';

const LARGE_BYTES = 40 * 1024 * 1024;
const FAULTS_FOR_MS = 300_000;
const MAX_STEPS = 60_000;

type Write = Extract<PairOp, { do: 'put' | 'delete' | 'meta' | 'tags' }>;

interface Told {
  readonly region: Region;
  readonly change: ObjectChange;
}

export class PairWorld {
  readonly #scenario: PairScenario;
  readonly #random: Random;
  readonly #route: Route;
  readonly #scheduler = new Scheduler();
  readonly #network: Network;
  readonly #buckets: Readonly<Record<Region, Bucket>>;
  readonly #table = new Table();
  readonly #queue: QueueModel;
  readonly #monitor: PairMonitor;
  readonly #workers: Workers;
  readonly #expected = new Set<string>();
  readonly #events: Told[] = [];
  readonly #lastSecond = new Map<string, number>();
  #serial = 0;
  #phase = 0;
  #poisonOver = false;
  #writesBefore = 0;

  constructor(scenario: PairScenario, scheduleSeed: number, trace?: (line: string) => void) {
    this.#scenario = scenario;
    this.#random = new Random(scheduleSeed);
    this.#network = new Network(this.#scheduler, this.#random, scenario.faults);
    if (trace) this.#network.trace = trace;
    const { prefer } = scenario;
    const bidirectional = { maxSkewMs: MAX_SKEW_MS, ...(prefer === undefined ? {} : { prefer }) };
    this.#route = { name: 'pair', from: 'east', to: 'west', prefix: '', deletes: scenario.deletes, bidirectional };
    this.#buckets = { east: this.#bucket('east'), west: this.#bucket('west') };
    this.#queue = new QueueModel(this.#scheduler, this.#random);
    this.#workers = new Workers({
      scenario,
      scheduler: this.#scheduler,
      random: this.#random,
      network: this.#network,
      queue: this.#queue,
      table: this.#table,
      pauses: new PauseModel(),
      routes: [this.#route],
      regionsOf: (bucket) => [bucket],
      link: (actor) => this.#link(actor),
    });
    this.#monitor = new PairMonitor(scenario, this.#buckets, this.#table, () => this.#scheduler.now);
    this.#monitor.onOurs = (region, key, after) => this.#echo(region, key, after);
    this.#fill();
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
    switch (this.#phase++) {
      case 0:
        if (this.#scenario.faults.stall === 0) this.#monitor.records.beforeSweep();
        if (this.#monitor.violations.length > 0) return false;
        this.#workers.start('sweeper', (deps) => sweep(deps, 100));
        return true;
      case 1:
        if (this.#scenario.faults.loseEvent === 0 && this.#scenario.filled === 'no') return this.#nextPhase();
        for (const region of REGIONS) if (this.#buckets[region].keys().length === 0) this.#monitor.empty.add(region);
        this.#workers.start('reconcile', async (deps) => reconcile(deps, this.#route, (await deps.link(this.#route)).link, 10_000));
        return true;
      case 2:
        this.#poisonOver = true;
        this.#workers.start('operator', (deps) => requeueAllErrors(deps, Number.POSITIVE_INFINITY));
        return true;
      case 3:
        this.#monitor.finish(this.#queue.size, this.#expected);
        if (this.#monitor.violations.length > 0) return false;
        this.#writesBefore = this.#monitor.writes;
        for (const { region, change } of this.#events) this.#queue.send(notification(change, region), this.#random.between(0, 100));
        return true;
      default:
        if (this.#monitor.writes > this.#writesBefore && this.#monitor.lostDeletes.size === 0)
          this.#monitor.violate('O5', `repeated events caused ${this.#monitor.writes - this.#writesBefore} writes`);
        if (this.#monitor.violations.length === 0) this.#monitor.finish(this.#queue.size, this.#expected);
        return false;
    }
  }

  /** A minute ago, and no event told of it. */
  #fill(): void {
    const { filled } = this.#scenario;
    if (filled === 'no') return;
    for (const region of REGIONS) {
      const label = filled === 'equal' ? 'old' : `old-${region}`;
      const bucket = this.#buckets[region];
      const size = this.#scenario.store.large ? LARGE_BYTES : label.length;
      this.#monitor.userWrites(region, 'a', { label, meta: 'm', tags: '' }, (stamp) => {
        bucket.put('a', { label, size, meta: 'm', tags: '', lastModified: this.#scheduler.now - 60_000 + bucket.skewMs, stamp });
      });
    }
  }

  #user(op: PairOp): void {
    this.#network.tell(new Actor('user'), () => JSON.stringify(op));
    const bucket = this.#buckets[op.in];
    switch (op.do) {
      case 'split':
        bucket.unreachable = true;
        this.#scheduler.after(op.forMs, () => {
          bucket.unreachable = false;
        });
        return;
      case 'unmount':
        bucket.missing = true;
        this.#scheduler.after(op.forMs, () => {
          bucket.missing = false;
        });
        return;
      case 'ingest':
        this.#ingest(op);
        return;
      default:
        // Who writes needs the bucket: it waits until it is there again.
        if (bucket.missing) this.#scheduler.after(5_000, () => this.#user(op));
        else this.#write(op, bucket);
    }
  }

  #ingest({ in: region, key, op }: Extract<PairOp, { do: 'ingest' }>): void {
    // An application speaks of what is so: it deletes through the store first.
    if (op === 'DELETE' && this.#buckets[region].current(key)) return;
    if (op === 'DELETE') this.#monitor.toldDeletes.push({ key, in: region, at: this.#scheduler.now });
    const change = this.#at(region, { op, key, origin: 'api', ts: this.#scheduler.now, etag: 'whatever' });
    this.#workers.start('api', async (deps) => {
      await ingest(deps, [{ route: this.#route, change }]);
      this.#expected.add(deliveryId(this.#route.name, change));
    });
  }

  #write(op: Write, bucket: Bucket): void {
    const { key, in: region } = op;
    const before = bucket.current(key);
    const lastModified = this.#scheduler.now + bucket.skewMs;
    const about = { key, origin: 's3', ts: lastModified, sequencer: sequencerOf(++this.#serial) } as const;
    if (op.do === 'delete') {
      if (before) this.#monitor.userWrites(region, key, null, () => bucket.remove(key));
      else this.#monitor.toldDeletes.push({ key, in: region, at: this.#scheduler.now });
      // A store tells of a delete of what was not there, too.
      this.#tell(region, { ...about, op: 'DELETE' });
      return;
    }
    if (op.do === 'tags') {
      if (!before) return;
      const { sequencer: _none, ...plain } = about;
      this.#monitor.userWrites(region, key, { ...before, tags: op.tags }, (stamp) => bucket.retag(key, op.tags, stamp));
      this.#tell(region, { ...plain, op: 'TAG', etag: bucket.etagOf(before.label) });
      return;
    }
    if (op.do === 'meta' && !before) return;
    const content = op.do === 'put' ? { label: this.#scenario.unique ? `${op.label}${this.#serial}` : op.label, meta: op.meta, tags: op.tags } : null;
    const { label, meta, tags } = content ?? { label: before?.label ?? '', tags: before?.tags ?? '', meta: op.meta };
    const size = this.#scenario.store.large ? LARGE_BYTES : label.length;
    this.#monitor.userWrites(region, key, { label, meta, tags }, (stamp) => {
      bucket.put(key, { label, size, meta, tags, lastModified, stamp });
    });
    this.#tell(region, { ...about, op: 'PUT', etag: bucket.etagOf(label), size });
  }

  /** A store tells of our own writes as of any other. */
  #echo(region: Region, key: string, after: Version | null): void {
    const about = { key, origin: 's3', ts: this.#scheduler.now + this.#buckets[region].skewMs, sequencer: sequencerOf(++this.#serial) } as const;
    this.#tell(
      region,
      after ? { ...about, op: 'PUT', etag: this.#buckets[region].etagOf(after.label), size: after.size } : { ...about, op: 'DELETE' },
    );
  }

  /** The store tells of a change: at least once, in any order, unless it is lost outside anyone's power. */
  #tell(region: Region, change: ObjectChange): void {
    const { random } = this.#network;
    const { loseEvent, duplicate, delay } = this.#network.faults;
    const second = Math.floor(change.ts / 1000);
    const place = `${region}/${change.key}`;
    // What no listing shows may be late but not lost: tags alone, and a second write within one second.
    const shows = this.#lastSecond.get(place) !== second;
    this.#lastSecond.set(place, second);
    if (change.op !== 'TAG' && random.chance(loseEvent) && shows) {
      if (change.op === 'DELETE') this.#monitor.lostDeletes.add(change.key);
      return;
    }
    const id = deliveryId(this.#route.name, this.#at(region, change));
    this.#expected.add(id);
    this.#monitor.records.told(id);
    this.#events.push({ region, change });
    const copies = random.chance(duplicate) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      this.#queue.send(notification(change, region), random.chance(delay) ? random.between(1_000, 200_000) : random.between(1, 1_000));
    }
  }

  #at(region: Region, change: ObjectChange): ObjectChange {
    return changeAt(change, region === this.#route.from ? 'from' : 'to');
  }

  #bucket(region: Region): Bucket {
    const { versioned, conditionalCopy } = this.#scenario.store;
    // Whichever way is copied, a condition that fails is one on the destination.
    const bucket = new Bucket('destination', { versioned, conditionalCopy, conditionalPut: true, conditionalDelete: true }, region);
    bucket.opaque = region === 'west' && this.#scenario.store.opaque;
    bucket.skewMs = this.#scenario.clocks[region];
    return bucket;
  }

  #poisoned(): Bucket | null {
    const { poison } = this.#scenario;
    return poison === undefined ? null : this.#buckets[poison];
  }

  #link(actor: Actor): Linked {
    const { east, west } = this.#buckets;
    return { ...this.#way(actor, east, west), back: this.#way(actor, west, east) };
  }

  #way(actor: Actor, from: Bucket, to: Bucket): OneWay {
    const refused = (bucket: Bucket) => (key: string) => !this.#poisonOver && key === 'a' && bucket === this.#poisoned();
    const store = (bucket: Bucket): ModelStore => new ModelStore(bucket, this.#network, actor, refused(bucket));
    const serverSide = this.#scenario.store.serverSide ? new ModelServerSide(from, to, this.#network, actor, refused(to)) : null;
    const link: Link = { source: store(from), destination: store(to), serverSide, tags: true, gate: new TransferGate() };
    const { conditionalCopy, conditionalPut, conditionalDelete } = to.traits;
    return {
      link,
      traits: { serverSide: serverSide !== null, conditionalCopy, conditionalPut, conditionalDelete, tags: true, partsFrom: LARGE_BYTES },
    };
  }
}
