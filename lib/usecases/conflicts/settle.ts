/** What an operator does about a conflict: dismisses it, or has what lost written again. */
import { TidemarkError } from '../../core/errors.ts';
import { type Conflict, isRestorable } from '../../core/objects/conflict.ts';
import { dismiss } from '../../core/objects/transitions.ts';
import { changeAt, type Route } from '../../core/routes/route.ts';
import type { Condition, RegionStore } from '../../ports/objects.ts';
import type { ReplicationState } from '../../ports/replication-state.ts';
import type { Clock } from '../../ports/system.ts';
import { type IngestDeps, ingest } from '../ingest.ts';
import { type ConflictView, viewOf } from './list.ts';
import { parseConflictId } from './names.ts';

export interface SettleDeps {
  readonly routes: readonly Route[];
  readonly state: ReplicationState;
  readonly clock: Clock;
}

export interface RestoreDeps extends SettleDeps, IngestDeps {
  readonly store: (region: string) => Pick<RegionStore, 'head' | 'restore'>;
}

export interface NotRestored {
  readonly why: string;
  /** What to do instead. */
  readonly fix: string;
}

export interface Restored {
  /** As it was told before. */
  readonly conflict: ConflictView;
  /** The event by which what was restored is replicated. */
  readonly event: string;
}

const MAX_RACES = 20;

/** @returns what was told of it; null where no record tells of such a conflict */
export async function dismissConflict({ routes, state, clock }: SettleDeps, id: string): Promise<ConflictView | null> {
  const ref = parseConflictId(id);
  if (!ref) return null;
  for (let race = 0; race < MAX_RACES; race++) {
    const record = await state.get(ref.route, ref.key);
    const conflict = record?.conflicts?.find((each) => each.id === ref.id);
    const view = conflict && viewOf(routes, ref, conflict);
    const dismissed = record && dismiss(record, ref.id, clock.now());
    if (!record || !view || !dismissed) return null;
    if (await state.put(dismissed, record.version)) return view;
  }
  throw new TidemarkError('THROTTLED', 'the record of the key is written by too many at once', { key: ref.key });
}

/**
 * Has the store write the version that lost once more, where it stood: a write like any user's, the newest of its side, which the route
 * carries over as such. Timeline: written → told as an event → dismissed. Who dies between leaves the conflict, and may be asked again.
 * @returns null where no record tells of such a conflict
 */
export async function restoreConflict(deps: RestoreDeps, id: string): Promise<Restored | NotRestored | null> {
  const ref = parseConflictId(id);
  const route = deps.routes.find(({ name }) => name === ref?.route);
  const record = ref && (await deps.state.get(ref.route, ref.key));
  const conflict = record?.conflicts?.find((each) => each.id === ref?.id);
  if (!ref || !route || !conflict) return null;
  const { key } = ref;
  const done = await written(deps, route, key, conflict);
  if ('why' in done) return done;
  const { etag, size } = done;
  const change = changeAt(
    { op: 'PUT', key, origin: 'api', ts: deps.clock.now(), etag, ...(size === undefined ? {} : { size }) } as const,
    conflict.side,
  );
  const [event] = await ingest(deps, [{ route, change }]);
  const view = (await dismissConflict(deps, id)) ?? viewOf(deps.routes, ref, conflict);
  return view && event ? { conflict: view, event: event.id } : null;
}

async function written(
  { store }: RestoreDeps,
  route: Route,
  key: string,
  conflict: Conflict,
): Promise<{ readonly etag: string; readonly size: number | undefined } | NotRestored> {
  const { side, etag, versionId, size } = conflict;
  const region = store(route[side]);
  if (!isRestorable(conflict) || etag === undefined || versionId === undefined || !region.restore) return notKept(conflict, route[side]);
  const seen = await region.head(key);
  const condition: Condition = seen.present ? { ifMatch: seen.sight.etag } : { ifAbsent: true };
  try {
    return { etag: (await region.restore(key, { versionId, etag }, condition)).etag, size };
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.code !== 'PRECONDITION_FAILED') throw error;
    if (error.fields.side === 'source') return { why: 'the version that lost is gone from its bucket', fix: 'Dismiss the conflict.' };
    return { why: 'the key was written meanwhile', fix: 'Look at what it holds now, then ask again or dismiss the conflict.' };
  }
}

function notKept({ etag }: Conflict, region: string): NotRestored {
  if (etag === undefined) return { why: 'what lost is a delete', fix: 'Delete the key where it is to be gone, and dismiss the conflict.' };
  return {
    why: `region ${region} keeps no version of what lost`,
    fix: 'Write it again from where it came, or dismiss the conflict. A versioned bucket keeps what loses.',
  };
}
