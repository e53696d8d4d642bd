/** Records and deliveries as the state's suites need them. */
import { type Delivery, type DeliveryStatus, trimDeliveries } from '../../lib/core/objects/delivery.ts';
import { type AppliedObject, emptyRecord, type Lease, type ReplicationRecord, type Tombstone } from '../../lib/core/objects/record.ts';
import type { RecordPages } from '../../lib/ports/record-pages.ts';
import type { DeleteLog, DeliveryQuery, DeliveryView, ReplicationState, WorkIndex } from '../../lib/ports/replication-state.ts';

export interface StateUnderTest {
  readonly state: ReplicationState;
  readonly index: WorkIndex;
  readonly pages: RecordPages;
  readonly deletes: DeleteLog;
  dispose(): Promise<void> | void;
}

export const NOW = 1_800_000_000_000;
export const ROUTE = 'eu-to-us';

export function delivery(id: string, status: DeliveryStatus, overrides: Partial<Delivery> = {}): Delivery {
  return { id, op: 'PUT', origin: 'api', ts: NOW, status, attempts: 0, createdAt: NOW, updatedAt: NOW, ...overrides };
}

/** A first version; `next` makes the ones after it. */
export function record(key: string, overrides: Partial<ReplicationRecord> = {}): ReplicationRecord {
  return { ...emptyRecord(ROUTE, key, NOW), version: 1, ...overrides };
}

export function next(former: ReplicationRecord, overrides: Partial<ReplicationRecord> = {}): ReplicationRecord {
  return { ...former, ...overrides, version: former.version + 1 };
}

/** The record as a worker leaves it that noted `deliveries` and cut the list to its bounds. */
export function trimmed(former: ReplicationRecord, deliveries: readonly Delivery[]): ReplicationRecord {
  return next(former, { deliveries: trimDeliveries(deliveries, NOW) });
}

export const APPLIED: AppliedObject = {
  kind: 'object',
  etag: 'a1b2',
  versionId: 'v1',
  lastModified: NOW,
  size: 11,
  print: 'p',
  checksum: { algorithm: 'CRC64NVME', value: 'AAAAAAAAAAA=', type: 'FULL_OBJECT' },
  destination: { etag: 'c3d4', versionId: 'w1' },
  at: NOW,
};
export const TOMBSTONE: Tombstone = { kind: 'tombstone', at: NOW };
export const LEASE: Lease = { owner: 'worker-1', until: NOW + 30_000, dirty: false, extended: true };

/** Writes first versions, all at once. */
export async function store(state: ReplicationState, records: readonly ReplicationRecord[]): Promise<void> {
  const written = await Promise.all(records.map((one) => state.put(one, 0)));
  if (written.includes(false)) throw new Error('a record of the preparation was there already');
}

/** Every page of a listing, by its cursors. */
export async function pages(index: WorkIndex, query: DeliveryQuery): Promise<readonly (readonly DeliveryView[])[]> {
  const all: (readonly DeliveryView[])[] = [];
  let cursor: string | undefined;
  do {
    const page = await index.deliveries(cursor === undefined ? query : { ...query, cursor });
    all.push(page.events);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

export async function listedIds(index: WorkIndex, query: DeliveryQuery): Promise<readonly string[]> {
  return (await pages(index, query)).flat().map(({ id }) => id);
}
