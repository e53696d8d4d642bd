/** Learns from a few pages of both listings how much there is, how much of it differs, and where to split it. */
import type { Sampled } from '../../core/backfill/estimate.ts';
import { Survey, type SurveyedKey } from '../../core/backfill/survey.ts';
import { type Route, selects } from '../../core/routes/route.ts';
import type { Link, ListedObject, ListOptions, ListPage } from '../../ports/objects.ts';
import type { Clock } from '../../ports/system.ts';
import { type Listable, listsInOrder } from './listing.ts';

export interface SampleTerms {
  /** Pages of the source at most, and as many of the destination. */
  readonly looks: number;
  /** When to have answered, ms since the epoch: fewer pages are looked at where they take long. */
  readonly deadline: number;
  /** Who compares both sides anyway need not know before how much differs: all is taken to, and one side alone is listed. */
  readonly sourceAlone?: boolean;
}

export interface Sample extends Sampled {
  /** @returns none where the store's order allows no ranges */
  readonly boundaries: (parts: number) => readonly string[];
}

const NOTHING: ListPage = { objects: [] };
const KEYS_PER_LOOK = 200;

/** Of the sampled keys. */
class Comparison {
  #compared = 0;
  #differing = 0;

  /** Only as far as the destination's page reaches can be compared. */
  add(source: readonly ListedObject[], destination: ListPage): void {
    const theirs = new Map(destination.objects.map(({ key, size }) => [key, size]));
    const end = destination.next === undefined ? source.length : source.findLastIndex(({ key }) => theirs.has(key)) + 1;
    for (const { key, size } of source.slice(0, end)) {
      this.#compared++;
      if (theirs.get(key) !== size) this.#differing++;
    }
  }

  /** Where nothing could be compared, all may differ. */
  get share(): number {
    return this.#compared === 0 ? 1 : this.#differing / this.#compared;
  }
}

export async function sampleListing(clock: Clock, route: Route, link: Link, prefix: string, terms: SampleTerms): Promise<Sample> {
  return (await hasRanges(link)) ? surveyed(clock, route, link, prefix, terms) : skimmed(clock, route, link, prefix, terms);
}

/** Ranges of a store that lists in its own order would each list it whole. */
export async function hasRanges({ source, destination }: Link): Promise<boolean> {
  return (await Promise.all([source, destination].map(listsInOrder))).every(Boolean);
}

async function surveyed(clock: Clock, route: Route, link: Link, prefix: string, terms: SampleTerms): Promise<Sample> {
  const { looks, deadline, sourceAlone = false } = terms;
  const survey = new Survey(prefix, looks);
  const comparison = new Comparison();
  let isFirst = true;
  for (let next = survey.next(); next !== null; next = survey.next()) {
    // The first look sees a small listing whole; of the others, how dense it is there is told by few keys as well as by many.
    const options: ListOptions = { prefix, ...next, ...(isFirst ? {} : { limit: KEYS_PER_LOOK }) };
    isFirst = false;
    const [ours, theirs] = await Promise.all([link.source.list(options), sourceAlone ? NOTHING : link.destination.list(options)]);
    const objects = ours.objects.filter((object) => selects(route, object));
    survey.saw(objects, ours.next !== undefined);
    if (!sourceAlone) comparison.add(objects, theirs);
    if (clock.now() >= deadline) break;
  }
  return { ...survey.result(), differing: comparison.share, boundaries: (parts) => survey.boundaries(parts) };
}

/** The first pages in whatever order: how much comes after them nobody can know. */
async function skimmed(clock: Clock, route: Route, link: Link, prefix: string, terms: SampleTerms): Promise<Sample> {
  const [ours, theirs] = await Promise.all([link.source, link.destination].map((bucket) => firstPages(clock, bucket, prefix, terms)));
  const objects = (ours?.objects ?? []).filter((object) => selects(route, object));
  const comparison = new Comparison();
  comparison.add(objects, theirs ?? { objects: [] });
  const bytes = objects.reduce((sum: number, { size }: SurveyedKey) => sum + size, 0);
  return { objects: objects.length, bytes, exact: ours?.next === undefined, differing: comparison.share, boundaries: () => [] };
}

async function firstPages(clock: Clock, bucket: Listable, prefix: string, { looks, deadline }: SampleTerms): Promise<ListPage> {
  const objects: ListedObject[] = [];
  let page = await bucket.list({ prefix });
  objects.push(...page.objects);
  for (let looked = 1; looked < looks && page.next !== undefined && clock.now() < deadline; looked++) {
    page = await bucket.list({ prefix, token: page.next });
    objects.push(...page.objects);
  }
  return { objects, ...(page.next === undefined ? {} : { next: page.next }) };
}
