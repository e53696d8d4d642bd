/** Lists one range on both sides, and queues a look for what differs, or for everything. It never deletes, and only asks for looks (trap 15). */

import { type BackfillJob, finished } from '../../core/backfill/job.ts';
import { backfillMessage } from '../../core/backfill/message.ts';
import { advanced, completed, type RangeCounts, type RangeProgress, restOf } from '../../core/backfill/range-progress.ts';
import type { ObjectChange } from '../../core/change.ts';
import { type Listed, listedAlone } from '../../core/objects/listed.ts';
import { difference } from '../../core/objects/reconcile.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import { type Route, selects } from '../../core/routes/route.ts';
import type { ListedObject } from '../../ports/objects.ts';
import type { BackfillDeps } from './deps.ts';
import { inOrder } from './listing.ts';
import { routeOf } from './plan.ts';
import { type Pair, sideBySide } from './side-by-side.ts';
import { changeJob, progressOfRanges, releaseClaim } from './store.ts';

export interface WalkTerms {
  /** When to have answered, ms since the epoch. */
  readonly deadline: number;
  /** Messages that may wait in the queue: beyond it nothing is added, so that neither the queue nor memory grows without bound. */
  readonly mostWaiting: number;
  /** How long to stand by while the queue is full, ms; then the caller waits instead. */
  readonly patienceMs: number;
  /** @default a listing's page */
  readonly pageKeys?: number;
  readonly signal?: AbortSignal;
}

/** `later`: its route is paused. `stopped`: it is cancelled, failed or gone, or another worker took the range over. */
export interface Walked {
  readonly state: 'done' | 'more' | 'full' | 'later' | 'stopped';
}

/** A change, and the listing it was seen in where that may be all that a look needs. */
type Asked = ObjectChange & { readonly listed?: Listed };

const PAGE_KEYS = 1_000;
/** As many as one read of the records takes. */
const RECORDS = 100;
const STAND_BY_MS = 500;

/**
 * Goes on where the range was left, until it is done or the time is over.
 * @throws TidemarkError when either side cannot be listed, or the queue takes nothing: the range stays where it is
 */
export async function walkRange(deps: BackfillDeps, id: string, index: number, terms: WalkTerms): Promise<Walked> {
  const { backfills, clock } = deps;
  const job = await backfills.get(id);
  const progress = job && (await progressOfRanges(backfills, job, clock.now()))[index];
  if (!job || !progress || job.status !== 'running') return { state: 'stopped' };
  if (progress.status === 'done') return finish(deps, job);
  return new RangeWalk(deps, job, routeOf(deps, job), terms, progress).run();
}

class RangeWalk {
  readonly #deps: BackfillDeps;
  readonly #job: BackfillJob;
  readonly #route: Route;
  readonly #terms: WalkTerms;
  #progress: RangeProgress;

  constructor(deps: BackfillDeps, job: BackfillJob, route: Route, terms: WalkTerms, progress: RangeProgress) {
    this.#deps = deps;
    this.#job = job;
    this.#route = route;
    this.#terms = terms;
    this.#progress = progress;
  }

  async run(): Promise<Walked> {
    const { pageKeys = PAGE_KEYS } = this.#terms;
    let page: Pair[] = [];
    for await (const pair of await this.#pairs()) {
      page.push(pair);
      if (page.length < pageKeys) continue;
      const ended = await this.#passOn(page);
      if (ended) return ended;
      page = [];
      if (this.#isOver()) return { state: 'more' };
    }
    if (page.length > 0) {
      const ended = await this.#passOn(page);
      if (ended) return ended;
    }
    const { backfills, clock } = this.#deps;
    if (!(await backfills.putRange(completed(this.#progress, clock.now()), this.#progress.version))) return { state: 'stopped' };
    return finish(this.#deps, this.#job);
  }

  async #pairs(): Promise<AsyncIterable<Pair>> {
    const { sorter } = this.#deps;
    const { link } = await this.#deps.link(this.#route);
    // A bucket that is gone, or another one, must not look like one that needs everything.
    await Promise.all([link.source.check(), link.destination.check()]);
    const rest = restOf(this.#progress);
    const { prefix, mode } = this.#job;
    const source = inOrder(link.source, prefix, rest, sorter);
    return sideBySide(source, mode === 'all' ? nothing() : inOrder(link.destination, prefix, rest, sorter));
  }

  /** Queues what the page asks for, then writes down how far it is: in this order a crash repeats a page, and never skips one. */
  async #passOn(page: readonly Pair[]): Promise<Walked | null> {
    const { backfills, queue, pauses, clock } = this.#deps;
    const last = page.at(-1);
    if (!last) return null;
    const changes = await this.#changes(page);
    if (changes.length > 0) {
      if ((await pauses.recent()).has(this.#route.name)) return { state: 'later' };
      if (!(await this.#hasRoom())) return { state: 'full' };
      await queue.send(changes.map(({ listed, ...change }) => ({ body: backfillMessage(this.#job.id, this.#route.name, change, listed) })));
    }
    const advance = advanced(this.#progress, last.key, countsOf(page, changes), clock.now());
    if (!(await backfills.putRange(advance, this.#progress.version))) return { state: 'stopped' };
    this.#progress = advance;
    const job = await backfills.get(this.#job.id);
    return job?.status === 'running' ? null : { state: 'stopped' };
  }

  async #changes(page: readonly Pair[]): Promise<readonly Asked[]> {
    const ours = page.filter(({ source }) => source && selects(this.#route, source));
    if (this.#job.mode === 'all') return ours.flatMap(({ source }) => (source ? [this.#changeOf(source)] : []));
    const records = await this.#records(ours.map(({ key }) => key));
    return ours.flatMap(({ key, source, destination }): Asked[] => {
      const record = records.get(key);
      const change = difference(key, source, destination, record, this.#deps.clock.now());
      const listed = source && listedAlone(source, destination, record);
      return change ? [{ ...change, origin: 'backfill', ...(listed ? { listed } : {}) }] : [];
    });
  }

  async #records(keys: readonly string[]): Promise<ReadonlyMap<string, ReplicationRecord>> {
    const chunks = Array.from({ length: Math.ceil(keys.length / RECORDS) }, (_, chunk) => keys.slice(chunk * RECORDS, (chunk + 1) * RECORDS));
    const found = await Promise.all(chunks.map((chunk) => this.#deps.state.getMany(this.#route.name, chunk)));
    return new Map(found.flatMap((records) => [...records]));
  }

  /** Of the time at which the job was made: each job asks anew, and asks once however often its page is repeated. */
  #changeOf({ key, etag, size }: ListedObject): ObjectChange {
    return { op: 'PUT', key, origin: 'backfill', ts: this.#job.createdAt, etag, size };
  }

  async #hasRoom(): Promise<boolean> {
    const { admin, clock } = this.#deps;
    const until = Math.min(this.#terms.deadline, clock.now() + this.#terms.patienceMs);
    for (;;) {
      const { waiting } = await admin.stats();
      if (waiting < this.#terms.mostWaiting) return true;
      if (clock.now() >= until || this.#terms.signal?.aborted) return false;
      await clock.sleep(STAND_BY_MS, this.#terms.signal);
    }
  }

  #isOver(): boolean {
    return this.#deps.clock.now() >= this.#terms.deadline || (this.#terms.signal?.aborted ?? false);
  }
}

/** Ends the job when its last range is done. */
async function finish({ backfills, clock }: BackfillDeps, { id }: BackfillJob): Promise<Walked> {
  const job = await backfills.get(id);
  if (!job) return { state: 'stopped' };
  const ranges = await progressOfRanges(backfills, job, clock.now());
  if (ranges.every(({ status }) => status === 'done')) {
    await changeJob(backfills, id, (current) => finished(current, clock.now()));
    await releaseClaim(backfills, job);
  }
  return { state: 'done' };
}

function countsOf(page: readonly Pair[], changes: readonly ObjectChange[]): RangeCounts {
  return {
    listed: page.filter(({ source }) => source !== undefined).length,
    enqueued: changes.length,
    bytes: changes.reduce((sum, { size = 0 }) => sum + size, 0),
  };
}

async function* nothing(): AsyncGenerator<ListedObject> {}
