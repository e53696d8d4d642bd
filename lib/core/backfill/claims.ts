/** Which backfills, verifies and repairs run on a route: two of a kind that share keys would do the same work twice, so the second is refused. */
import type { Counts } from '../verify/difference.ts';
import { type JobKind, type JobMode, reports } from './mode.ts';

export interface BackfillClaim {
  readonly id: string;
  readonly kind: JobKind;
  readonly prefix: string;
  /** ms since the epoch. */
  readonly at: number;
}

export interface RouteClaims {
  readonly route: string;
  /** 0: none is stored yet. */
  readonly version: number;
  readonly claims: readonly BackfillClaim[];
  /** When the last one of a kind was claimed for all of the route's keys, ms since the epoch. */
  readonly begun?: Readonly<Partial<Record<JobKind, number>>>;
  /** What the last comparison of all of the route's keys found. */
  readonly verified?: Verified;
  /** By mode: the newest job that ended. It is kept, so that there is one to look at. */
  readonly ended?: Readonly<Partial<Record<JobMode, string>>>;
  /** When the last reconcile of all of the route's keys that ended well was begun, ms since the epoch. */
  readonly reconciled?: number;
  /** Since when the clock starts those of a kind without a standstill, ms since the epoch: one that did not end well since then is as old. */
  readonly awaited?: Readonly<Partial<Record<JobKind, number>>>;
  /** When the clock was last seen to look after those of a kind, ms since the epoch; up to SEEN_EVERY_MS old. */
  readonly seen?: Readonly<Partial<Record<JobKind, number>>>;
  /** Of a kind, for all of the route's keys: what failed before it had listed anything. */
  readonly unstarted?: Readonly<Partial<Record<JobKind, FailedStart>>>;
}

export interface FailedStart {
  /** The last time, ms since the epoch. */
  readonly at: number;
  /** In a row. */
  readonly times: number;
}

export interface Verified {
  readonly id: string;
  /** When it was begun: what both sides held then is what it compared. */
  readonly at: number;
  readonly deep: boolean;
  readonly counts: Counts;
}

/** @returns those that share keys with the prefix */
export function overlapping({ claims }: RouteClaims, { kind, prefix }: Pick<BackfillClaim, 'kind' | 'prefix'>): readonly BackfillClaim[] {
  return claims.filter((claim) => claim.kind === kind && (claim.prefix.startsWith(prefix) || prefix.startsWith(claim.prefix)));
}

/**
 * @param stale ids whose claims are over
 * @param whole all of the route's keys are claimed
 */
export function claim(held: RouteClaims, wanted: BackfillClaim, stale: ReadonlySet<string> = new Set(), whole = false): RouteClaims {
  const kept = held.claims.filter(({ id }) => !stale.has(id) && id !== wanted.id);
  const begun = whole ? { begun: { ...held.begun, [wanted.kind]: wanted.at } } : {};
  return { ...held, ...begun, version: held.version + 1, claims: [...kept, wanted] };
}

/** @returns null when a newer comparison is known */
export function verified(held: RouteClaims, found: Verified): RouteClaims | null {
  if (held.verified && held.verified.at > found.at) return null;
  return { ...held, ...started(held, 'verify'), version: held.version + 1, verified: found };
}

/** @returns null when a newer one is known */
export function reconciled(held: RouteClaims, at: number): RouteClaims | null {
  if ((held.reconciled ?? Number.NEGATIVE_INFINITY) >= at) return null;
  return { ...held, ...started(held, 'reconcile'), version: held.version + 1, reconciled: at };
}

/** Every write costs: often enough to tell a standstill. */
const SEEN_EVERY_MS = 900_000;

/**
 * The clock looks after these. Those that it did not look after for longer than a period, and than an hour, are awaited anew: a host that
 * was down, or a schedule that was taken out of the configuration, made none, and gets the time to make one.
 * @returns null where that is known well enough
 */
export function lookedAfter(
  held: RouteClaims,
  schedules: readonly { readonly kind: JobKind; readonly everyMs: number }[],
  now: number,
): RouteClaims | null {
  const sinceSeen = (kind: JobKind): number => now - (held.seen?.[kind] ?? Number.NEGATIVE_INFINITY);
  const told = schedules.filter(({ kind }) => sinceSeen(kind) >= SEEN_EVERY_MS);
  if (told.length === 0) return null;
  const anew = told.filter(({ kind, everyMs }) => sinceSeen(kind) > Math.max(everyMs, SLACK_MS));
  const at = (of: typeof schedules): RouteClaims['seen'] => Object.fromEntries(of.map(({ kind }) => [kind, now]));
  return { ...held, version: held.version + 1, seen: { ...held.seen, ...at(told) }, awaited: { ...held.awaited, ...at(anew) } };
}

export function unstarted(held: RouteClaims, kind: JobKind, now: number): RouteClaims {
  const times = (held.unstarted?.[kind]?.times ?? 0) + 1;
  return { ...held, version: held.version + 1, unstarted: { ...held.unstarted, [kind]: { at: now, times } } };
}

/** After a first start that failed; each further one waits for twice as long. */
const RETRY_MS = 60_000;
const SLACK_MS = 3_600_000;

/** Whether the clock should start one of a kind. A start that fails is tried again sooner than a whole period later, and ever more seldom. */
export function isDue(held: RouteClaims, kind: JobKind, everyMs: number, now: number): boolean {
  const begun = held.begun?.[kind] ?? Number.NEGATIVE_INFINITY;
  const failed = held.unstarted?.[kind];
  if (failed && failed.at >= begun) return now - failed.at >= Math.min(everyMs, RETRY_MS * 2 ** (failed.times - 1));
  return now - begun >= everyMs;
}

/** How long one that ended well may be ago: when the next one was missed, and that it takes its time is no reason. */
export function lateAfterMs(everyMs: number): number {
  return 2 * everyMs + SLACK_MS;
}

function started(held: RouteClaims, kind: JobKind): Pick<RouteClaims, 'unstarted'> {
  const { [kind]: _over, ...others } = held.unstarted ?? {};
  return { unstarted: others };
}

/** @returns the claims without those of a job that ended, and the id of one that is not the newest of its mode any more; null where nothing changes */
export function released(
  held: RouteClaims,
  { id, mode }: { readonly id: string; readonly mode: JobMode },
): { readonly claims: RouteClaims; readonly over: string | null } | null {
  const newest = held.ended?.[mode];
  const claims = held.claims.filter((each) => each.id !== id);
  if (claims.length === held.claims.length && newest === id) return null;
  const isNewest = newest === undefined || newest <= id;
  const ended = isNewest ? { ...held.ended, [mode]: id } : held.ended;
  const over = isNewest ? (newest === id ? undefined : newest) : id;
  return { claims: { ...held, version: held.version + 1, claims, ...(ended ? { ended } : {}) }, over: over ?? null };
}

const DAY_MS = 86_400_000;

/** How long a job is kept once a newer one of its route and mode has ended: as long as its report, or as the records of what was deleted. */
export function keptMs(mode: JobMode): number {
  return (reports(mode) ? 400 : 35) * DAY_MS;
}
