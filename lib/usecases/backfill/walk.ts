/** Lists one range on both sides, and does with what differs what the job is for. It never writes or deletes an object, and only asks for looks (trap 15). */

import { type BackfillJob, finished } from '../../core/backfill/job.ts';
import { backfillMessage } from '../../core/backfill/message.ts';
import { reports } from '../../core/backfill/mode.ts';
import { advanced, completed, type RangeCounts, type RangeProgress, restOf } from '../../core/backfill/range-progress.ts';
import type { ObjectChange, Side } from '../../core/change.ts';
import { type Listed, listedAlone } from '../../core/objects/listed.ts';
import { difference } from '../../core/objects/reconcile.ts';
import { pairDifference } from '../../core/objects/reconcile-pair.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import { changeAt, type Route, selects } from '../../core/routes/route.ts';
import type { Link, ListedObject } from '../../ports/objects.ts';
import { believedSides, reconcileMessages } from '../reconcile.ts';
import { RangeComparison, type Step } from '../verify/compare-range.ts';
import { recordsOf } from '../verify/records.ts';
import type { BackfillDeps } from './deps.ts';
import { inOrder } from './listing.ts';
import { isWhole, routeOf } from './plan.ts';
import { type Pair, sideBySide } from './side-by-side.ts';
import { changeJob, noteReconciled, progressOfRanges, releaseClaim } from './store.ts';

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
  /**
   * How long a change may be on its way before it counts as a difference, and before what is gone at a source is looked at a second time, ms.
   * @default 60,000 and 5,000
   */
  readonly graceMs?: number;
  readonly deleteGraceMs?: number;
  /** Larger objects are not read by a deep comparison, bytes. */
  readonly deepMost?: number;
}

/** `later`: its route is paused. `stopped`: it is cancelled, failed or gone, or another worker took the range over. */
export interface Walked {
  readonly state: 'done' | 'more' | 'full' | 'later' | 'stopped';
}

/** A change, and the listing it was seen in where that may be all that a look needs. */
type Asked = ObjectChange & { readonly listed?: Listed };

const PAGE_KEYS = 1_000;
/** Of objects that are read: who goes on after a crash reads so many once more. */
const DEEP_PAGE_KEYS = 32;
const STAND_BY_MS = 500;
const GRACE_MS = 60_000;
const DELETE_GRACE_MS = 5_000;
/** What one side lacks is loaded from the other; that it was deleted is for a reconcile to find. */
const NO_DELETES = { from: false, to: false } as const;

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
  #believed: Readonly<Record<Side, boolean>> | null = null;

  constructor(deps: BackfillDeps, job: BackfillJob, route: Route, terms: WalkTerms, progress: RangeProgress) {
    this.#deps = deps;
    this.#job = job;
    this.#route = route;
    this.#terms = terms;
    this.#progress = progress;
  }

  async run(): Promise<Walked> {
    const { backfills, clock } = this.#deps;
    const { link } = await this.#deps.link(this.#route);
    // A bucket that is gone, or another one, must not look like one that needs everything.
    await Promise.all([link.source.check(), link.destination.check()]);
    const comparison = reports(this.#job.mode) ? this.#comparison(link) : null;
    const ended = (await this.#list(link, comparison)) ?? (comparison && (await this.#settle(comparison)));
    if (ended) return ended;
    if (!(await backfills.putRange(completed(this.#progress, clock.now()), this.#progress.version))) return { state: 'stopped' };
    return finish(this.#deps, this.#job);
  }

  #comparison(link: Link): RangeComparison {
    const { graceMs = GRACE_MS, deepMost = Number.POSITIVE_INFINITY, deadline, signal } = this.#terms;
    const terms = { graceMs, deepMost, deadline, ...(signal ? { signal } : {}) };
    return new RangeComparison(this.#deps, this.#job, this.#route, link, terms);
  }

  async #list(link: Link, comparison: RangeComparison | null): Promise<Walked | null> {
    if (this.#progress.status === 'settling') return null;
    const { pageKeys = this.#job.deep ? DEEP_PAGE_KEYS : PAGE_KEYS } = this.#terms;
    for await (const page of this.#pairs(link, pageKeys)) {
      const step = comparison ? await comparison.page(this.#progress, page) : await this.#asked(link, page);
      const ended = await this.#passOn(step);
      if (ended) return ended;
      if (step.cut || (page.length === pageKeys && this.#isOver())) return { state: 'more' };
    }
    return null;
  }

  /** Looks again at what may only have been on its way. */
  async #settle(comparison: RangeComparison): Promise<Walked | null> {
    const { clock } = this.#deps;
    for (let step = await comparison.settle(this.#progress); step !== null; step = await comparison.settle(this.#progress)) {
      if (typeof step === 'number') {
        if (step > this.#terms.patienceMs || this.#isOver()) return { state: 'full' };
        await clock.sleep(step, this.#terms.signal);
        continue;
      }
      const ended = await this.#passOn(step);
      if (ended) return ended;
      if (this.#isOver()) return { state: 'more' };
    }
    return null;
  }

  #pairs(link: Link, pageKeys: number): AsyncIterable<readonly Pair[]> {
    const { sorter } = this.#deps;
    const rest = restOf(this.#progress);
    const { prefix, mode } = this.#job;
    const source = inOrder(link.source, prefix, rest, sorter);
    return sideBySide(source, mode === 'all' && !this.#route.bidirectional ? nothing() : inOrder(link.destination, prefix, rest, sorter), pageKeys);
  }

  /** Queues what the step asks for, then writes down how far it is: in this order a crash repeats a page, and never skips one. */
  async #passOn({ progress, messages }: Step): Promise<Walked | null> {
    const { backfills, queue, pauses } = this.#deps;
    if (messages.length > 0) {
      if ((await pauses.recent()).has(this.#route.name)) return { state: 'later' };
      if (!(await this.#hasRoom())) return { state: 'full' };
      await queue.send(messages);
    }
    if (progress === this.#progress) return null;
    if (!(await backfills.putRange(progress, this.#progress.version))) return { state: 'stopped' };
    this.#progress = progress;
    const job = await backfills.get(this.#job.id);
    return job?.status === 'running' ? null : { state: 'stopped' };
  }

  async #asked(link: Link, page: readonly Pair[]): Promise<Step> {
    const { clock } = this.#deps;
    const last = page.at(-1);
    if (!last) return { progress: this.#progress, messages: [], cut: false };
    if (this.#job.mode === 'reconcile') {
      this.#believed ??= await believedSides(link, this.#route);
      const messages = await reconcileMessages(this.#deps, this.#route, page, this.#believed, this.#terms.deleteGraceMs ?? DELETE_GRACE_MS);
      return {
        progress: advanced(this.#progress, last.key, { ...countsOf(this.#route, page, []), enqueued: messages.length }, clock.now()),
        messages,
        cut: false,
      };
    }
    const changes = await this.#changes(page);
    const messages = changes.map(({ listed, ...change }) => ({ body: backfillMessage(this.#job.id, this.#route.name, change, listed) }));
    return { progress: advanced(this.#progress, last.key, countsOf(this.#route, page, changes), clock.now()), messages, cut: false };
  }

  async #changes(page: readonly Pair[]): Promise<readonly Asked[]> {
    const { bidirectional } = this.#route;
    const ours = page.filter(({ source, destination }) => {
      const listed = source ?? (bidirectional ? destination : undefined);
      return listed !== undefined && selects(this.#route, listed);
    });
    // Neither records nor the destination are asked here: a look at a key that is recorded takes no listing's word.
    if (this.#job.mode === 'all') return ours.map((pair) => this.#withListed(this.#changeOf(pair), pair, undefined));
    const records = await recordsOf(
      this.#deps.state,
      this.#route.name,
      ours.map(({ key }) => key),
    );
    return ours.flatMap((pair): Asked[] => {
      const { key, source, destination } = pair;
      const [record, now] = [records.get(key), this.#deps.clock.now()];
      const listed = { ...(source ? { from: source } : {}), ...(destination ? { to: destination } : {}) };
      const change = bidirectional ? pairDifference(key, listed, record, NO_DELETES, now) : difference(key, source, destination, record, now, true);
      return change ? [this.#withListed({ ...change, origin: 'backfill' }, pair, record)] : [];
    });
  }

  #withListed(change: ObjectChange, { source, destination }: Pair, record: ReplicationRecord | undefined): Asked {
    const listed = source && !this.#route.bidirectional ? listedAlone(source, destination, record) : undefined;
    return listed ? { ...change, listed } : change;
  }

  /** Of the time at which the job was made: each job asks anew, and asks once however often its page is repeated. */
  #changeOf({ key, source, destination }: Pair): ObjectChange {
    const { etag, size } = source ?? destination ?? {};
    const facts = { ...(etag === undefined ? {} : { etag }), ...(size === undefined ? {} : { size }) };
    return changeAt({ op: 'PUT', key, origin: 'backfill', ts: this.#job.createdAt, ...facts }, source ? 'from' : 'to');
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

/** Ends the job when its last range is done; one that ends with a report is ended by that. */
async function finish(deps: BackfillDeps, { id }: BackfillJob): Promise<Walked> {
  const { backfills, clock } = deps;
  const job = await backfills.get(id);
  if (!job) return { state: 'stopped' };
  if (reports(job.mode)) return { state: 'done' };
  const ranges = await progressOfRanges(backfills, job, clock.now());
  if (ranges.every(({ status }) => status === 'done')) {
    // Before it ends: who dies between the two is followed by one that notes the same.
    if (job.mode === 'reconcile' && isWhole(deps, job)) await noteReconciled(backfills, job.route, job.createdAt);
    await changeJob(backfills, id, (current) => finished(current, clock.now()));
    await releaseClaim(backfills, job, clock.now());
  }
  return { state: 'done' };
}

function countsOf({ bidirectional }: Route, page: readonly Pair[], changes: readonly ObjectChange[]): RangeCounts {
  return {
    listed: page.filter(({ source }) => source !== undefined || bidirectional).length,
    enqueued: changes.length,
    bytes: changes.reduce((sum, { size = 0 }) => sum + size, 0),
  };
}

async function* nothing(): AsyncGenerator<readonly ListedObject[]> {}
