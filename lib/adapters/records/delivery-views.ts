import { type Delivery, FINAL } from '../../core/objects/delivery.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { DeliveryQuery, DeliveryView } from '../../ports/replication-state.ts';
import type { DeliveryCursor, DeliveryPlace } from './delivery-cursor.ts';

/** The record's deliveries that a query asks for, oldest first, without those shown already. */
export function viewsOf(
  record: ReplicationRecord,
  { status, since = Number.NEGATIVE_INFINITY }: Pick<DeliveryQuery, 'status' | 'since'>,
  resumed: DeliveryCursor | null,
): readonly DeliveryView[] {
  const last = resumed?.key === record.key ? resumed.last : undefined;
  return record.deliveries
    .filter((delivery) => (status === undefined || delivery.status === status) && delivery.updatedAt >= since)
    .filter((delivery) => last === undefined || byAge(delivery, last) > 0)
    .sort(byAge)
    .map((delivery) => viewOf(record, delivery));
}

export function placeOf({ createdAt, ts, id }: DeliveryPlace): DeliveryPlace {
  return { createdAt, ts, id };
}

/** A total order of what never changes, so that a listing goes on at its place whichever deliveries are dropped meanwhile. */
function byAge(a: DeliveryPlace, b: DeliveryPlace): number {
  return a.createdAt - b.createdAt || a.ts - b.ts || (a.id < b.id ? -1 : Number(a.id > b.id));
}

function viewOf(record: ReplicationRecord, delivery: Delivery): DeliveryView {
  const view = { ...delivery, route: record.route, key: record.key };
  return record.lease && !FINAL[delivery.status] ? { ...view, leaseUntil: record.lease.until } : view;
}
