/** Which backfills, verifies and repairs run on a route: two of a kind that share keys would do the same work twice, so the second is refused. */
import type { Counts } from '../verify/difference.ts';
import type { JobKind } from './mode.ts';

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
  return held.verified && held.verified.at > found.at ? null : { ...held, version: held.version + 1, verified: found };
}

/** @returns null when it held none */
export function release(held: RouteClaims, id: string): RouteClaims | null {
  const claims = held.claims.filter((each) => each.id !== id);
  return claims.length === held.claims.length ? null : { ...held, version: held.version + 1, claims };
}
