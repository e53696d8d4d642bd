import type { Verified } from '../core/backfill/claims.ts';
import type { BackfillJobs } from '../ports/backfills.ts';

export type LastVerified = Pick<Verified, 'at' | 'deep' | 'counts'>;

export interface VerifiedDeps {
  readonly routes: readonly { readonly name: string }[];
  readonly backfills: Pick<BackfillJobs, 'claims'>;
}

/** By the name of the route: what the last comparison of all its keys found. None of a route that was never compared whole. */
export async function lastVerified({ routes, backfills }: VerifiedDeps): Promise<Readonly<Record<string, LastVerified>>> {
  const found = await Promise.all(
    routes.map(async ({ name }) => {
      const { verified } = await backfills.claims(name);
      return verified ? [[name, { at: verified.at, deep: verified.deep, counts: verified.counts }] as const] : [];
    }),
  );
  return Object.fromEntries(found.flat());
}
