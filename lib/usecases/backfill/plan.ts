import { type Estimate, estimateOf } from '../../core/backfill/estimate.ts';
import { type BackfillJob, planned, rangesOf } from '../../core/backfill/job.ts';
import { kindOf } from '../../core/backfill/mode.ts';
import type { Side } from '../../core/change.ts';
import { TidemarkError } from '../../core/errors.ts';
import type { Route } from '../../core/routes/route.ts';
import type { Link } from '../../ports/objects.ts';
import type { BackfillDeps } from './deps.ts';
import { hasRanges, type SampleTerms, sampleListing } from './sample.ts';
import { changeJob } from './store.ts';

/** Ranges at most: they are walked at once, and each is an item that is written once a page. */
const MOST_RANGES = 40;
/** Fewer keys are listed in half a minute, and need no dividing; what is queued takes longer than what is only listed, and what is read longer still. */
const KEYS_PER_RANGE = { listed: 250_000, queued: 100_000, read: 50_000 } as const;
/**
 * Pages that the keys are divided by: a share of those there may be. A backfill's estimate is the better for many looks, and what it queues costs
 * far more; what compares lists and is done, so that it is only divided by them.
 */
const SHARE = { compared: 0.05, queued: 0.25 } as const;
const FEWEST_LOOKS = 8;
const PAGE = 1_000;

export interface PlanTerms extends SampleTerms {
  /** @default 100,000; 250,000 for what compares listings, 50,000 where every object is read */
  readonly keysPerRange?: number;
}

/**
 * Divides the job's keys into ranges. Planned twice, the first plan stands.
 * @returns how many ranges there are; 0 when the job ended
 * @throws TidemarkError where a bucket cannot be listed
 */
export async function planBackfill(deps: BackfillDeps, id: string, terms: PlanTerms): Promise<number> {
  const { backfills, clock } = deps;
  const job = await backfills.get(id);
  if (!job) return 0;
  if (job.status !== 'planning') return job.status === 'running' ? rangesOf(job).length : 0;
  const route = routeOf(deps, job);
  const link = await linkFrom(deps, route, job.side);
  await link.source.check();
  const { boundaries, estimate } = await divide(deps, job, route, link, terms);
  const stored = await changeJob(backfills, id, (current) => planned(current, boundaries, estimate, clock.now()));
  return stored?.status === 'running' ? rangesOf(stored).length : 0;
}

async function divide(
  { clock, premises }: BackfillDeps,
  { prefix, mode, deep, estimate }: BackfillJob,
  route: Route,
  link: Link,
  terms: PlanTerms,
): Promise<{ readonly boundaries: readonly string[]; readonly estimate: Estimate }> {
  const compares = kindOf(mode) !== 'backfill';
  const { keysPerRange = KEYS_PER_RANGE[deep ? 'read' : compares ? 'listed' : 'queued'] } = terms;
  // A closer look would teach nothing that could be used.
  if (estimate.objects <= keysPerRange || !(await hasRanges(link))) return { boundaries: [], estimate };
  const looks = looksFor(estimate, SHARE[compares ? 'compared' : 'queued'], terms.looks);
  const sample = await sampleListing(clock, route, link, prefix, { ...terms, looks, sourceAlone: compares });
  const parts = Math.max(1, Math.min(MOST_RANGES, Math.ceil(sample.objects / keysPerRange)));
  return { boundaries: sample.boundaries(parts), estimate: estimateOf(sample, { mode: mode === 'all' ? mode : 'missing', ...premises(route) }) };
}

function looksFor({ objects }: Estimate, share: number, most: number): number {
  return Math.min(most, Math.max(FEWEST_LOOKS, Math.ceil((objects / PAGE) * share)));
}

/** @returns the link that begins at this end of the route */
export async function linkFrom(deps: Pick<BackfillDeps, 'link'>, route: Route, side: Side = 'from'): Promise<Link> {
  const { link, back } = await deps.link(route);
  return side === 'to' && back ? back.link : link;
}

/** True where it is about all of the route's keys. */
export function isWhole({ routes }: Pick<BackfillDeps, 'routes'>, { route, prefix }: Pick<BackfillJob, 'route' | 'prefix'>): boolean {
  return routes.some((each) => each.name === route && each.prefix === prefix);
}

/** @throws TidemarkError INVALID_CONFIG: the route was removed since */
export function routeOf({ routes }: Pick<BackfillDeps, 'routes'>, { id, route: name }: Pick<BackfillJob, 'id' | 'route'>): Route {
  const route = routes.find((each) => each.name === name);
  if (route) return route;
  throw new TidemarkError('INVALID_CONFIG', `there is no route ${name} any more`, { id, route: name });
}
