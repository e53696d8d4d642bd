import { describe, expect, it } from 'vitest';
import { SWEEP_GRACE_MS, workEntry } from '../../../lib/core/objects/record.ts';
import { aDelivery, aRecord, NOW } from './records.ts';

const LEASE = { owner: 'me', until: NOW + 60_000, dirty: false, extended: false };
const UNDER_WAY = aDelivery({ status: 'in_progress', origin: 's3', attempts: 0, updatedAt: NOW });

describe('the work entry of a record', () => {
  it.each([
    ['nothing is known', aRecord()],
    ['all is settled', aRecord({ deliveries: [aDelivery({ status: 'done' })] })],
    ['an event of the store is under way for the first time: its message comes back', aRecord({ lease: LEASE, deliveries: [UNDER_WAY] })],
  ])('is none when %s', (_when, record) => {
    expect(workEntry(record)).toBeNull();
  });

  it.each([
    ['an application told of it, whose message may be lost', aRecord({ lease: LEASE, deliveries: [{ ...UNDER_WAY, origin: 'api' }] }), NOW],
    ['it failed before', aRecord({ lease: LEASE, deliveries: [{ ...UNDER_WAY, attempts: 1 }] }), NOW],
    ['nobody holds it', aRecord({ deliveries: [UNDER_WAY] }), NOW],
    ['the work is long', aRecord({ lease: { ...LEASE, extended: true } }), NOW + 60_000],
    ['something newer arrived', aRecord({ lease: { ...LEASE, dirty: true } }), NOW + 60_000],
    ['it waits', aRecord({ deliveries: [{ ...UNDER_WAY, status: 'pending', dueAt: NOW + 5 }] }), NOW + 5],
  ])('is due when %s', (_when, record, at) => {
    expect(workEntry(record)).toEqual({ kind: 'due', at: at + SWEEP_GRACE_MS });
  });

  it('is an error when nothing else is due', () => {
    expect(workEntry(aRecord({ deliveries: [aDelivery({ status: 'error' })] }))).toEqual({ kind: 'error' });
  });
});
