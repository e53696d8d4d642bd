import { type ObjectChange, otherSide, type Side } from '../core/change.ts';
import type { Observation } from '../core/objects/sight.ts';
import { changeAt, type Route } from '../core/routes/route.ts';
import type { ObjectReader } from '../ports/objects.ts';
import { eachAtOnce } from './each-at-once.ts';
import { type IngestDeps, type Ingested, ingest } from './ingest.ts';

export interface BackfillDeps extends IngestDeps {
  readonly store: (region: string) => Pick<ObjectReader, 'head'>;
}

export interface BackfillKey {
  readonly route: Route;
  readonly key: string;
  /** The end that it is loaded from, where that is not `from`. */
  readonly side?: Side;
}

export type BackfilledKey = { readonly key: string } & (Ingested | { readonly status: 'missing' });

const HEADS_AT_ONCE = 32;

/**
 * Asks for the named keys to be copied again, through the same ordering as live events (A7).
 * The HEAD only fills in etag and size; where it fails or comes too late the key is accepted without them, since the replayer looks anew.
 * @param deadline when to have answered, ms since the epoch
 * @returns one answer per key, in the order given
 */
export async function backfillKeys(deps: BackfillDeps, keys: readonly BackfillKey[], deadline: number): Promise<readonly BackfilledKey[]> {
  const ts = deps.clock.now();
  const changes: (ObjectChange | null)[] = keys.map(() => null);
  await eachAtOnce(keys.entries(), HEADS_AT_ONCE, async ([index, wanted]) => {
    changes[index] = await find(deps, wanted, { ts, deadline });
  });
  const routed = keys.flatMap(({ route }, index) => {
    const change = changes[index];
    return change ? [{ route, change }] : [];
  });
  const ingested = [...(await ingest(deps, routed))];
  return keys.map(({ key }, index): BackfilledKey => {
    const answer = changes[index] ? ingested.shift() : undefined;
    return answer ? { key, ...answer } : { key, status: 'missing' };
  });
}

/** Of a bidirectional route at the other end, where it is not at the named one. @returns null when it is seen to be at neither */
async function find(
  deps: BackfillDeps,
  { route, key, side: named = 'from' }: BackfillKey,
  { ts, deadline }: { ts: number; deadline: number },
): Promise<ObjectChange | null> {
  const sides = route.bidirectional ? [named, otherSide(named)] : [named];
  for (const side of sides) {
    const seen = deps.clock.now() < deadline ? await look(deps, route[side], key) : null;
    if (seen?.present !== false) return changeAt({ op: 'PUT', key, origin: 'backfill', ts, ...factsOf(seen) }, side);
  }
  return null;
}

/** @returns null when the region could not be asked */
async function look({ store }: BackfillDeps, region: string, key: string): Promise<Observation | null> {
  try {
    return await store(region).head(key);
  } catch {
    return null;
  }
}

function factsOf(seen: Observation | null): Partial<ObjectChange> {
  if (!seen?.present) return {};
  const { etag, size, headers } = seen.sight;
  return { etag, size, ...(headers.contentType === undefined ? {} : { contentType: headers.contentType }) };
}
