/** Which backfills run on a route: two that share keys would do the same work twice, so the second is refused. */

export interface BackfillClaim {
  readonly id: string;
  readonly prefix: string;
  /** ms since the epoch. */
  readonly at: number;
}

export interface RouteClaims {
  readonly route: string;
  /** 0: none is stored yet. */
  readonly version: number;
  readonly claims: readonly BackfillClaim[];
}

/** @returns those that share keys with the prefix */
export function overlapping({ claims }: RouteClaims, prefix: string): readonly BackfillClaim[] {
  return claims.filter((claim) => claim.prefix.startsWith(prefix) || prefix.startsWith(claim.prefix));
}

/** @param stale ids whose claims are over */
export function claim(held: RouteClaims, wanted: BackfillClaim, stale: ReadonlySet<string> = new Set()): RouteClaims {
  const kept = held.claims.filter(({ id }) => !stale.has(id) && id !== wanted.id);
  return { ...held, version: held.version + 1, claims: [...kept, wanted] };
}

/** @returns null when it held none */
export function release(held: RouteClaims, id: string): RouteClaims | null {
  const claims = held.claims.filter((each) => each.id !== id);
  return claims.length === held.claims.length ? null : { ...held, version: held.version + 1, claims };
}
