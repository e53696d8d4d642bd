/** What lost where both sides of a bidirectional route had changed, as operators see it. */
import { otherSide, type Side } from '../../core/change.ts';
import { type Conflict, isRestorable } from '../../core/objects/conflict.ts';
import { shortIdOf } from '../../core/objects/delivery.ts';
import { EVERY_KEY, keyPattern } from '../../core/objects/key-pattern.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { Route } from '../../core/routes/route.ts';
import type { RecordRef, ReplicationState, WorkIndex } from '../../ports/replication-state.ts';
import { type ConflictCursor, conflictIdOf, decodeCursor, encodeCursor } from './names.ts';

export interface ConflictsDeps {
  readonly routes: readonly Route[];
  readonly state: Pick<ReplicationState, 'getMany'>;
  readonly index: Pick<WorkIndex, 'waiting'>;
}

export interface ConflictQuery {
  readonly route?: string;
  /** A prefix, or a pattern with `%` for any run of characters. Case-sensitive. */
  readonly keyLike?: string;
  readonly limit: number;
  /** As a former answer gave it. */
  readonly cursor?: string;
}

/** One of the two states, in its region's own names. `ts`: when it came to be by that region's clock, ms since the epoch; null: nobody knows. */
export interface ContenderView {
  readonly region: string;
  readonly op: 'PUT' | 'DELETE';
  readonly etag?: string;
  readonly ts: number | null;
}

export interface ConflictView {
  readonly id: string;
  readonly route: string;
  readonly key: string;
  /** When it was decided, ms since the epoch. */
  readonly at: number;
  readonly winner: ContenderView;
  readonly loser: ContenderView & { readonly versionId?: string; readonly size?: number };
  /** Its bucket may still hold what lost, as a version. */
  readonly restorable: boolean;
  /** What lost may have been no user's write, but a copy of Tidemark's whose answer never came. */
  readonly unsure: boolean;
}

const RECORDS = 100;
/** Records looked at for one page, so that a rare match is answered in time, as a part. */
const MOST_RECORDS = 1_000;

/**
 * The oldest first, by the oldest conflict of each key. Stable under writes: a cursor goes on after the key it names, whatever became of it.
 * @throws TidemarkError INVALID_INPUT for a cursor that no answer gave
 */
export async function listConflicts(
  deps: ConflictsDeps,
  query: ConflictQuery,
): Promise<{ readonly conflicts: readonly ConflictView[]; readonly cursor?: string }> {
  const pattern = query.keyLike === undefined ? EVERY_KEY : keyPattern(query.keyLike);
  const wanted = ({ route, key }: RecordRef): boolean => (query.route === undefined || route === query.route) && pattern.matches(key);
  const from = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const conflicts: ConflictView[] = [];
  let after: RecordRef | undefined = from ?? undefined;
  // What the former page left of its last key.
  let refs: readonly RecordRef[] = from?.id === undefined ? [] : [from];
  for (let looked = 0; ; looked += refs.length) {
    const records = await recordsOf(deps, refs.filter(wanted));
    for (const record of records) {
      for (const conflict of left(record, from)) {
        const view = viewOf(deps.routes, record, conflict);
        if (view === null) continue;
        if (conflicts.length === query.limit) return { conflicts, cursor: encodeCursor(lastOf(conflicts)) };
        conflicts.push(view);
      }
    }
    if (looked >= MOST_RECORDS && after) return { conflicts, cursor: encodeCursor({ route: after.route, key: after.key }) };
    refs = await deps.index.waiting('conflict', RECORDS, after);
    if (refs.length === 0) return { conflicts };
    after = refs.at(-1);
  }
}

async function recordsOf({ state }: ConflictsDeps, refs: readonly RecordRef[]): Promise<readonly ReplicationRecord[]> {
  const routes = [...new Set(refs.map(({ route }) => route))];
  const found = await Promise.all(
    routes.map(async (route) => {
      const keys = refs.filter((ref) => ref.route === route).map(({ key }) => key);
      return [route, await state.getMany(route, keys)] as const;
    }),
  );
  const byRoute = new Map(found);
  return refs.flatMap(({ route, key }) => byRoute.get(route)?.get(key) ?? []);
}

/** Of the key at which the former page ended, those that came after what was shown. */
function left({ route, key, conflicts = [] }: ReplicationRecord, from: ConflictCursor | null): readonly Conflict[] {
  if (from?.id === undefined || from.route !== route || from.key !== key) return conflicts;
  return conflicts.slice(conflicts.findIndex(({ id }) => id === from.id) + 1);
}

/** @returns null for a route that was removed: nobody can say which regions it led between */
export function viewOf(routes: readonly Route[], record: RecordRef, conflict: Conflict): ConflictView | null {
  const route = routes.find(({ name }) => name === record.route);
  if (!route) return null;
  const { side, etag, versionId, size, ts, winner, at, unsure = false } = conflict;
  return {
    id: conflictIdOf(record, conflict),
    route: record.route,
    key: record.key,
    at,
    winner: contender(route, otherSide(side), winner.etag, winner.ts),
    loser: {
      ...contender(route, side, etag, ts),
      ...(versionId === undefined ? {} : { versionId }),
      ...(size === undefined ? {} : { size }),
    },
    restorable: isRestorable(conflict),
    unsure,
  };
}

function contender(route: Route, side: Side, etag: string | undefined, ts: number | undefined): ContenderView {
  return { region: route[side], op: etag === undefined ? 'DELETE' : 'PUT', ...(etag === undefined ? {} : { etag }), ts: ts ?? null };
}

function lastOf(conflicts: readonly ConflictView[]): ConflictCursor {
  const last = conflicts.at(-1);
  if (!last) throw new TypeError('a page that ends holds something');
  return { route: last.route, key: last.key, id: shortIdOf(last.id) };
}
