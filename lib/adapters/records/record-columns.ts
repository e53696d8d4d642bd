/** What the columns and totals say of a record: a pure projection, so that stats and work index need no scan. */
import { DELIVERY_STATUSES, type Delivery, type DeliveryStatus } from '../../core/objects/delivery.ts';
import { type ReplicationRecord, workEntry } from '../../core/objects/record.ts';

export interface RecordColumns {
  readonly body: string;
  /** createdAt of the oldest open delivery, ms since the epoch; null where none is open. */
  readonly openSince: number | null;
  readonly errorSince: number | null;
  /** When the oldest conflict was decided; null where there is none. */
  readonly conflictSince: number | null;
  readonly dueAt: number | null;
  readonly leaseUntil: number | null;
  /** Set only where nothing is left to do, so that what expires loses no open delivery, error or claim. */
  readonly expiresAt: number | null;
}

export interface TotalsDelta {
  readonly statuses: Readonly<Record<DeliveryStatus, number>>;
  readonly openBytes: number;
  readonly objects: number;
  readonly conflicts: number;
}

export function columnsOf(record: ReplicationRecord): RecordColumns {
  const entry = workEntry(record);
  const openSince = oldest(record.deliveries, isOpen);
  const errorSince = oldest(record.deliveries, ({ status }) => status === 'error');
  const settled = openSince === null && errorSince === null && record.lease === null;
  return {
    body: JSON.stringify(record),
    openSince,
    errorSince,
    conflictSince: record.conflicts?.[0]?.at ?? null,
    dueAt: entry?.kind === 'due' ? entry.at : null,
    leaseUntil: record.lease?.until ?? null,
    expiresAt: settled ? (record.expiresAt ?? null) : null,
  };
}

/**
 * How the totals move when `before` becomes `after`. done and superseded count each settlement once, for ever: a delivery
 * trimmed out of the record stays counted, and one that vanishes unsettled was covered by a newer one, which is superseded.
 */
export function totalsDelta(before: ReplicationRecord | null, after: ReplicationRecord): TotalsDelta {
  const statuses: Record<DeliveryStatus, number> = { pending: 0, in_progress: 0, done: 0, superseded: 0, error: 0 };
  const vanished = new Map((before?.deliveries ?? []).map((delivery) => [delivery.id, delivery.status]));
  for (const { id, status } of after.deliveries) {
    const former = vanished.get(id);
    vanished.delete(id);
    if (former === status) continue;
    if (former !== undefined && !isCumulative(former)) statuses[former]--;
    statuses[status]++;
  }
  for (const former of vanished.values()) {
    if (isCumulative(former)) continue;
    statuses[former]--;
    statuses.superseded++;
  }
  return {
    statuses,
    openBytes: openBytes(after) - openBytes(before),
    objects: objects(after) - objects(before),
    conflicts: conflicts(after) - conflicts(before),
  };
}

export function isZero(delta: TotalsDelta): boolean {
  return delta.openBytes === 0 && delta.objects === 0 && delta.conflicts === 0 && DELIVERY_STATUSES.every((status) => delta.statuses[status] === 0);
}

function isCumulative(status: DeliveryStatus): boolean {
  return status === 'done' || status === 'superseded';
}

function isOpen({ status }: Delivery): boolean {
  return status === 'pending' || status === 'in_progress';
}

function oldest(deliveries: readonly Delivery[], wanted: (delivery: Delivery) => boolean): number | null {
  let since: number | null = null;
  for (const delivery of deliveries) {
    if (wanted(delivery) && (since === null || delivery.createdAt < since)) since = delivery.createdAt;
  }
  return since;
}

function openBytes(record: ReplicationRecord | null): number {
  let bytes = 0;
  for (const delivery of record?.deliveries ?? []) {
    if (isOpen(delivery)) bytes += delivery.size ?? 0;
  }
  return bytes;
}

function objects(record: ReplicationRecord | null): number {
  return record?.applied && record.applied.kind !== 'tombstone' ? 1 : 0;
}

function conflicts(record: ReplicationRecord | null): number {
  return record?.conflicts?.length ?? 0;
}
