/** Records, deliveries and sights to test with: every field can be set, none needs to be. */
import fc from 'fast-check';
import type { ObjectChange } from '../../../lib/core/change.ts';
import { DELIVERY_STATUSES, type Delivery, deliveryId } from '../../../lib/core/objects/delivery.ts';
import type { LinkTraits } from '../../../lib/core/objects/plan.ts';
import type { AppliedObject, ReplicationRecord } from '../../../lib/core/objects/record.ts';
import type { Sight } from '../../../lib/core/objects/sight.ts';

export const ROUTE = 'a-b';
export const KEY = 'k';
export const NOW = 1_700_000_000_000;

export function aSight(over: Partial<Sight> = {}): Sight {
  return { etag: 'e1', size: 10, lastModified: NOW - 5000, headers: {}, metadata: {}, tagCount: 0, ...over };
}

export function aChange(over: Partial<ObjectChange> = {}): ObjectChange {
  return { op: 'PUT', key: KEY, origin: 's3', ts: NOW - 5000, etag: 'e1', ...over };
}

export function aDelivery(over: Partial<Delivery> = {}): Delivery {
  const { op = 'PUT', origin = 's3', ts = NOW - 5000, sequencer } = over;
  const id = deliveryId(ROUTE, { op, key: KEY, origin, ts, ...(sequencer === undefined ? {} : { sequencer }) });
  return { id, op, origin, ts, status: 'pending', attempts: 0, createdAt: NOW - 4000, updatedAt: NOW - 4000, ...over };
}

export function aRecord(over: Partial<ReplicationRecord> = {}): ReplicationRecord {
  return { route: ROUTE, key: KEY, version: 3, applied: null, lease: null, deliveries: [], updatedAt: NOW - 4000, ...over };
}

export function anApplied(over: Partial<AppliedObject> = {}): AppliedObject {
  return { kind: 'object', etag: 'e1', lastModified: NOW - 5000, size: 10, print: 'p', destination: { etag: 'e1' }, at: NOW - 3000, ...over };
}

/** Few values, so that equal ones meet often. */
export const sights: fc.Arbitrary<Sight> = fc
  .record(
    {
      etag: fc.constantFrom('e1', 'e2'),
      size: fc.constantFrom(0, 10, 5_000_000_000),
      lastModified: fc.constantFrom(NOW - 5000, NOW - 4000),
      headers: fc.constantFrom({}, { contentType: 'text/plain' }),
      metadata: fc.constantFrom({}, { m: '1' }),
      versionId: fc.constantFrom('v1', 'v2'),
      tags: fc.constantFrom({}, { t: '1' }),
      tagCount: fc.constantFrom(0, 1),
      archived: fc.boolean(),
    },
    { requiredKeys: ['etag', 'size', 'lastModified', 'headers', 'metadata'] },
  )
  .map((sight) => sight);

export const deliveries: fc.Arbitrary<readonly Delivery[]> = fc
  .array(
    fc.record({
      op: fc.constantFrom('PUT', 'DELETE', 'TAG'),
      origin: fc.constantFrom('s3', 'api', 'backfill', 'reconcile'),
      status: fc.constantFrom(...DELIVERY_STATUSES),
      attempts: fc.nat(10),
      ts: fc.integer({ min: NOW - 100_000, max: NOW }),
      updatedAt: fc.constantFrom(NOW - 60_000, NOW - 1000, NOW),
    }),
    { maxLength: 40 },
  )
  .map((all) => all.map((one, index) => aDelivery({ ...one, id: `${ROUTE}.${index}.${KEY}` })));

export const records: fc.Arbitrary<ReplicationRecord> = fc
  .record({
    version: fc.nat(1000),
    applied: fc.oneof(
      fc.constant(null),
      fc.constant({ kind: 'tombstone', at: NOW - 3000 } as const),
      sights.map((sight) => anApplied({ etag: sight.etag, size: sight.size, lastModified: sight.lastModified })),
    ),
    lease: fc.oneof(
      fc.constant(null),
      fc.record({
        owner: fc.constantFrom('me', 'other'),
        until: fc.constantFrom(NOW - 1, NOW + 60_000),
        dirty: fc.boolean(),
        extended: fc.boolean(),
      }),
    ),
    deliveries,
  })
  .map((over) => aRecord(over));

export const traits: fc.Arbitrary<LinkTraits> = fc.record({
  serverSide: fc.boolean(),
  conditionalCopy: fc.boolean(),
  conditionalPut: fc.boolean(),
  conditionalDelete: fc.boolean(),
  tags: fc.boolean(),
  partsFrom: fc.constantFrom(10, 1_000_000_000),
});
