import { type ChangeOp, otherSide } from '../core/change.ts';
import { type DeliveryStatus, FINAL, parseDeliveryId, sideOf } from '../core/objects/delivery.ts';
import type { Route } from '../core/routes/route.ts';
import type { DeliveryQuery, DeliveryView, ReplicationState, WorkIndex } from '../ports/replication-state.ts';

/** A delivery as the API shows it (A8); null where it is not known. Times in ms since the epoch, size in bytes. */
export interface EventView {
  readonly id: string;
  readonly op: ChangeOp;
  readonly key: string;
  readonly etag: string | null;
  readonly size: number | null;
  readonly contentType: string | null;
  /** Null for what names no route: an unreadable message. */
  readonly srcRegion: string | null;
  readonly dstRegion: string | null;
  readonly ts: number;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly leaseUntil: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface EventPage {
  readonly events: readonly EventView[];
  readonly cursor?: string;
  /** True when there may be more: ask again with the cursor. */
  readonly partial: boolean;
}

/** @throws TidemarkError INVALID_INPUT for a cursor that no answer gave */
export async function listEvents(
  deps: { readonly index: Pick<WorkIndex, 'deliveries'>; readonly routes: readonly Route[] },
  query: DeliveryQuery,
): Promise<EventPage> {
  const { events, cursor } = await deps.index.deliveries(query);
  const views = events.map((event) => viewOf(deps.routes, event));
  return { events: views, ...(cursor === undefined ? {} : { cursor }), partial: cursor !== undefined };
}

/** @returns null when no record holds it: unknown, or ended so long ago that it was dropped */
export async function getEvent(
  deps: { readonly state: Pick<ReplicationState, 'get'>; readonly routes: readonly Route[] },
  id: string,
): Promise<EventView | null> {
  const ref = parseDeliveryId(id);
  if (!ref) return null;
  const record = await deps.state.get(ref.route, ref.key);
  const delivery = record?.deliveries.find((each) => each.id === id);
  if (!record || !delivery) return null;
  const leased = record.lease && !FINAL[delivery.status] ? { leaseUntil: record.lease.until } : {};
  return viewOf(deps.routes, { ...delivery, ...leased, route: record.route, key: record.key });
}

function viewOf(routes: readonly Route[], event: DeliveryView): EventView {
  const route = routes.find(({ name }) => name === event.route);
  const { id, op, key, ts, status, attempts, createdAt, updatedAt } = event;
  const side = sideOf(event);
  return {
    id,
    op,
    key,
    etag: event.etag ?? null,
    size: event.size ?? null,
    contentType: event.contentType ?? null,
    srcRegion: route?.[side] ?? null,
    dstRegion: route?.[otherSide(side)] ?? null,
    ts,
    status,
    attempts,
    lastError: event.lastError ?? null,
    leaseUntil: event.leaseUntil ?? null,
    createdAt,
    updatedAt,
  };
}
