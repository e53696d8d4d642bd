import { compareDeliveries, type Delivery, type DeliveryStatus, FINAL } from '../../core/objects/delivery.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { DeliveryView } from '../../ports/replication-state.ts';
import type { DeliveryCursor } from './delivery-cursor.ts';

/** The record's deliveries that a query asks for, oldest first, without those shown already. */
export function viewsOf(record: ReplicationRecord, status: DeliveryStatus | undefined, resumed: DeliveryCursor | null): readonly DeliveryView[] {
  const aged = [...record.deliveries].sort((a, b) => a.createdAt - b.createdAt || compareDeliveries(a, b));
  // One that was trimmed since is not found: it was among the oldest, so what is left comes after it.
  const shown = resumed?.key === record.key ? aged.findIndex(({ id }) => id === resumed.id) + 1 : 0;
  return aged
    .slice(shown)
    .filter((delivery) => status === undefined || delivery.status === status)
    .map((delivery) => viewOf(record, delivery));
}

function viewOf(record: ReplicationRecord, delivery: Delivery): DeliveryView {
  const view = { ...delivery, route: record.route, key: record.key };
  return record.lease && !FINAL[delivery.status] ? { ...view, leaseUntil: record.lease.until } : view;
}
