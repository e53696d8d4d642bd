/** What a verify or a repair does with a range: writes down what differs, asks for it where it is to be repaired, looks again at what is in doubt. */
import type { BackfillJob } from '../../core/backfill/job.ts';
import { backfillMessage } from '../../core/backfill/message.ts';
import { advanced, type Found, type RangeProgress, settling } from '../../core/backfill/range-progress.ts';
import type { Route } from '../../core/routes/route.ts';
import { addCounts, NO_COUNTS } from '../../core/verify/difference.ts';
import { repairOf } from '../../core/verify/repair.ts';
import type { Link } from '../../ports/objects.ts';
import type { OutgoingMessage } from '../../ports/queue.ts';
import type { BackfillDeps } from '../backfill/deps.ts';
import type { Pair } from '../backfill/side-by-side.ts';
import { believedSides } from '../reconcile.ts';
import { type Compared, Comparison, type ComparisonTerms } from './compare.ts';
import { differencesFile, doubtsFile, linesOf, putLines } from './lines.ts';

export interface RangeTerms extends Pick<ComparisonTerms, 'deadline' | 'deepMost' | 'signal'> {
  /** How long a change may be on its way before it counts as a difference, ms. */
  readonly graceMs: number;
}

/** The next state of the range, and what is to be queued before it is stored. */
export interface Step {
  readonly progress: RangeProgress;
  readonly messages: readonly OutgoingMessage[];
  /** The time was over before the page was. */
  readonly cut: boolean;
}

const NOTHING: Found = { counts: NO_COUNTS, compared: 0, files: 0, doubts: 0, settled: 0, doubtedAt: 0 };

export class RangeComparison {
  readonly #deps: BackfillDeps;
  readonly #job: BackfillJob;
  readonly #route: Route;
  readonly #link: Link;
  readonly #terms: RangeTerms;
  /** Of this walk: its listing shows nothing that is newer. */
  readonly #begun: number;

  constructor(deps: BackfillDeps, job: BackfillJob, route: Route, link: Link, terms: RangeTerms) {
    this.#deps = deps;
    this.#job = job;
    this.#route = route;
    this.#link = link;
    this.#terms = terms;
    this.#begun = deps.clock.now();
  }

  /** Files go before the progress that names them: a crash repeats the page, under the same names. */
  async page(progress: RangeProgress, page: readonly Pair[]): Promise<Step> {
    const { reports, clock } = this.#deps;
    const { id } = this.#job;
    const compared = await this.#comparison(this.#begun - this.#terms.graceMs).listed(page);
    const { index } = progress;
    const found = await this.#told(progress, compared);
    if (compared.doubts.length > 0) await putLines(reports, doubtsFile(id, index, found.doubts), compared.doubts);
    const whole = compared.keys === page.length;
    const passed = page.slice(0, compared.keys);
    const last = passed.at(-1);
    if (!last) return { progress, messages: [], cut: true };
    const messages = await this.#messages(compared);
    const listed = passed.filter(({ source }) => source !== undefined);
    const counts = { listed: listed.length, enqueued: messages.length, bytes: listed.reduce((sum, { source }) => sum + (source?.size ?? 0), 0) };
    const doubted = compared.doubts.length > 0 ? { doubts: found.doubts + 1, doubtedAt: clock.now() } : {};
    const next = { ...found, ...doubted, compared: found.compared + passed.length };
    return { progress: advanced(progress, last.key, counts, clock.now(), next), messages, cut: !whole };
  }

  /** @returns null when nothing is in doubt (any more); ms to wait, while it is too early to look again */
  async settle(progress: RangeProgress): Promise<Step | number | null> {
    const { reports, clock } = this.#deps;
    const found = progress.found ?? NOTHING;
    if (found.settled === found.doubts) return null;
    const early = found.doubtedAt + this.#terms.graceMs - clock.now();
    if (early > 0) return early;
    const keys: string[] = [];
    for await (const line of linesOf(reports, doubtsFile(this.#job.id, progress.index, found.settled))) keys.push(JSON.parse(line));
    const compared = await this.#comparison(found.doubtedAt).again(keys);
    // What the time did not suffice for is one more file; it is old enough already.
    const left = keys.slice(compared.keys);
    if (left.length > 0) await putLines(reports, doubtsFile(this.#job.id, progress.index, found.doubts), left);
    const files = { doubts: found.doubts + Number(left.length > 0), settled: found.settled + 1 };
    const next = { ...(await this.#told(progress, compared)), ...files };
    const messages = await this.#messages(compared);
    const counts = { listed: 0, enqueued: messages.length, bytes: 0 };
    return { progress: settling(progress, counts, next, clock.now()), messages, cut: left.length > 0 };
  }

  #comparison(since: number): Comparison {
    const { deadline, deepMost, signal } = this.#terms;
    return new Comparison(this.#deps, this.#route, this.#link, {
      since,
      deadline,
      deepMost,
      deep: this.#job.deep ?? false,
      ...(signal ? { signal } : {}),
    });
  }

  /** Writes the differences down. */
  async #told({ index, found = NOTHING }: RangeProgress, { counts, differences }: Compared): Promise<Found> {
    if (differences.length > 0) await putLines(this.#deps.reports, differencesFile(this.#job.id, index, found.files), differences);
    return { ...found, counts: addCounts(found.counts, counts), files: found.files + Number(differences.length > 0) };
  }

  async #messages({ differences, records }: Compared): Promise<readonly OutgoingMessage[]> {
    const { id, mode, createdAt } = this.#job;
    if (mode !== 'repair' || differences.length === 0) return [];
    // A source that lists nothing at all merely looks empty: no evidence for any delete (O10).
    const terms = { ts: createdAt, delete: await this.#mayDelete() };
    return differences.flatMap((difference): OutgoingMessage[] => {
      const change = repairOf(this.#route, difference, records.get(difference.key), terms);
      return change ? [{ body: backfillMessage(id, this.#route.name, change) }] : [];
    });
  }

  async #mayDelete(): Promise<boolean> {
    if (!this.#job.delete) return false;
    const { from, to } = await believedSides(this.#link, this.#route);
    return from && (to || !this.#route.bidirectional);
  }
}
