/** Compares keys of both sides: by listings and records, by looking where those cannot tell, and by every byte of a deep comparison. */
import type { ReplicationRecord } from '../../core/objects/record.ts';
import { type Route, selects } from '../../core/routes/route.ts';
import { addCounts, type Counts, type Difference, heldOf, NO_COUNTS } from '../../core/verify/difference.ts';
import { isFresh, judgeListed, REASONS, type Sides, type Verdict } from '../../core/verify/judge.ts';
import type { Link } from '../../ports/objects.ts';
import type { ReplicationState } from '../../ports/replication-state.ts';
import type { Clock } from '../../ports/system.ts';
import { eachAtOnce } from '../each-at-once.ts';
import { type Looked, type LookTerms, lookAtBoth, readBoth } from './look.ts';
import { recordsOf } from './records.ts';

export interface ComparisonDeps {
  readonly state: Pick<ReplicationState, 'getMany'>;
  readonly clock: Clock;
}

export interface ComparisonTerms extends LookTerms {
  /** What is newer may be a difference that is about to end, ms since the epoch: it is looked at again before it is told. */
  readonly since: number;
  /** When to begin nothing more, ms since the epoch. */
  readonly deadline: number;
}

export interface Compared {
  /** How many of the keys, from the first on: all, unless the time was over. */
  readonly keys: number;
  readonly counts: Counts;
  readonly differences: readonly Difference[];
  /** Keys to look at again. */
  readonly doubts: readonly string[];
  readonly records: ReadonlyMap<string, ReplicationRecord>;
}

const HEADS_AT_ONCE = 32;
/** Each reads both sides. */
const READS_AT_ONCE = 2;

interface Entry {
  looked: Looked;
  readonly record: ReplicationRecord | undefined;
}

export class Comparison {
  readonly #deps: ComparisonDeps;
  readonly #route: Route;
  readonly #link: Link;
  readonly #terms: ComparisonTerms;

  constructor(deps: ComparisonDeps, route: Route, link: Link, terms: ComparisonTerms) {
    this.#deps = deps;
    this.#route = route;
    this.#link = link;
    this.#terms = terms;
  }

  /** Of both listings. */
  async listed(page: readonly Sides[]): Promise<Compared> {
    const { deep } = this.#terms;
    // Most keys are equal by their listings alone: they cost no read of a record, and no object beyond the listing's own.
    const equal: number[] = [];
    const rest = page.filter((sides, place) => {
      // By its size at the source, too; what the destination alone holds may have been carried when it was of another.
      const { key, source } = sides;
      if (!selects(this.#route, source ? { key, size: source.size } : { key })) return false;
      const isEqual = !deep && judgeListed(this.#route, sides).is === 'equal';
      if (isEqual) equal.push(place);
      return !isEqual;
    });
    const records = await this.#records(rest.map(({ key }) => key));
    const entries = rest.map((sides): Entry => {
      const record = records.get(sides.key);
      return { looked: { sides, verdict: judgeListed(this.#route, sides, record) }, record };
    });
    const { is, looked } = deep ? this.#reading() : this.#looking();
    const unsure = entries.filter(is);
    const last = unsure[await this.#each(unsure, looked)];
    const keys = last ? page.findIndex(({ key }) => key === last.looked.sides.key) : page.length;
    const done = last ? entries.slice(0, entries.indexOf(last)) : entries;
    // What follows is read once more by whoever goes on: it counts there.
    const passed = equal.filter((place) => place < keys).length;
    return { ...this.#sorted(done, (entry) => this.#isFresh(entry), passed), keys, records };
  }

  /** Keys that looked different before, and may not have been: what they show now is told. */
  async again(keys: readonly string[]): Promise<Compared> {
    const records = await this.#records(keys);
    const entries = keys.map((key): Entry => ({ looked: { sides: { key }, verdict: { is: 'open' } }, record: records.get(key) }));
    const begun = await this.#each(entries, (entry) => lookAtBoth(this.#pair, entry.looked.sides.key, entry.record, this.#terms));
    for (const entry of entries) {
      const { verdict, sides, moved } = entry.looked;
      const restless = verdict.is !== 'equal' && verdict.is !== 'ignored' && (moved || this.#isRestless(sides));
      if (restless) entry.looked = { sides, verdict: { is: 'unknown', reason: REASONS.restless } };
    }
    return { ...this.#sorted(entries.slice(0, begun), () => false, 0), keys: begun, records };
  }

  get #pair(): { readonly route: Route; readonly link: Link } {
    return { route: this.#route, link: this.#link };
  }

  #looking(): { is: (entry: Entry) => boolean; looked: (entry: Entry) => Promise<Looked> } {
    return {
      // Which tags an object has, no listing tells: what the route does not carry for them is nowhere missing.
      is: ({ looked: { sides, verdict } }) =>
        verdict.is === 'open' || (this.#route.tags !== undefined && sides.source !== undefined && verdict.is !== 'equal'),
      looked: ({ looked, record }) => lookAtBoth(this.#pair, looked.sides.key, record, this.#terms),
    };
  }

  #reading(): { is: (entry: Entry) => boolean; looked: (entry: Entry) => Promise<Looked> } {
    // See #looking.
    if (this.#route.tags !== undefined) return { is: ({ looked: { sides } }) => sides.source !== undefined, looked: this.#looking().looked };
    return {
      is: ({ looked: { sides, verdict } }) => verdict.is === 'open' || (verdict.is === 'equal' && sides.source !== undefined),
      looked: ({ looked }) => readBoth(this.#pair, looked.sides, this.#terms),
    };
  }

  /** In their order, so that those that were begun are the first ones. @returns how many were */
  async #each(entries: readonly Entry[], look: (entry: Entry) => Promise<Looked>): Promise<number> {
    const { clock } = this.#deps;
    const { deadline, deep } = this.#terms;
    let begun = 0;
    const act = async (entry: Entry): Promise<void> => {
      begun++;
      entry.looked = await look(entry);
    };
    await eachAtOnce(entries, deep ? READS_AT_ONCE : HEADS_AT_ONCE, act, () => clock.now() < deadline);
    return begun;
  }

  #sorted(entries: readonly Entry[], isDoubtful: (entry: Entry) => boolean, equal: number): Pick<Compared, 'counts' | 'differences' | 'doubts'> {
    let counts: Counts = { ...NO_COUNTS, equal };
    const differences: Difference[] = [];
    const doubts: string[] = [];
    for (const entry of entries) {
      const { sides, verdict } = entry.looked;
      if (verdict.is === 'ignored') continue;
      if (verdict.is !== 'equal' && isDoubtful(entry)) {
        doubts.push(sides.key);
        continue;
      }
      const told = differenceOf(sides, verdict);
      counts = addCounts(counts, { ...NO_COUNTS, [told?.kind ?? 'equal']: 1 });
      if (told) differences.push(told);
    }
    return { counts, differences, doubts };
  }

  #isFresh({ looked, record }: Entry): boolean {
    return looked.moved === true || isFresh(looked.sides, record, this.#terms.since);
  }

  /** It changed once more since it was put aside. */
  #isRestless({ source, destination }: Sides): boolean {
    return Math.max(source?.lastModified ?? 0, destination?.lastModified ?? 0) >= this.#terms.since;
  }

  #records(keys: readonly string[]): Promise<ReadonlyMap<string, ReplicationRecord>> {
    return recordsOf(this.#deps.state, this.#route.name, keys);
  }
}

const UNPROVEN = { is: 'unknown', reason: REASONS.unproven } as const;

function differenceOf({ key, source, destination }: Sides, verdict: Verdict): Difference | null {
  if (verdict.is === 'equal' || verdict.is === 'ignored') return null;
  const { is: kind, reason } = verdict.is === 'open' ? UNPROVEN : verdict;
  return {
    key,
    kind,
    reason,
    ...(source ? { source: heldOf(source) } : {}),
    ...(destination ? { destination: heldOf(destination) } : {}),
  };
}
