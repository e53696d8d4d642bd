/** The one item per (route, key). Every write is a compare-and-swap on `version`, which is the fencing token (O6). */
import type { Conflict } from './conflict.ts';
import type { Delivery } from './delivery.ts';
import type { Pair } from './pair.ts';
import type { Checksum } from './sight.ts';
import type { Writing } from './writing.ts';

/** The source state that the destination holds, and the destination's names for it as this system wrote it. */
export interface AppliedObject {
  readonly kind: 'object';
  readonly etag: string;
  readonly versionId?: string;
  readonly lastModified: number;
  readonly size: number;
  /** Fingerprint of headers and metadata, see printOf; UNKNOWN_PRINT where the copy was made as a listing told. */
  readonly print: string;
  readonly sequencer?: string;
  readonly checksum?: Checksum;
  readonly destination: { readonly etag: string; readonly versionId?: string };
  readonly at: number;
}

/** Absent at both sides, seen and confirmed: the evidence that lets a late write be undone (O3). */
export interface Tombstone {
  readonly kind: 'tombstone';
  readonly sequencer?: string;
  readonly at: number;
}

export type Applied = AppliedObject | Tombstone | Pair;

export interface Lease {
  /** Unique to one claim, never to a process: a worker that comes back after its lease is another owner. */
  readonly owner: string;
  readonly until: number;
  /** Something newer arrived while it was held. */
  readonly dirty: boolean;
  /** True once it was extended: long work, worth an entry in the work index. */
  readonly extended: boolean;
}

/** A multipart upload under way at the destination. */
export interface Upload {
  readonly id: string;
  /** The source etag that all its parts are cut from (trap 4). */
  readonly etag: string;
  /** Fingerprint of the headers, metadata and tags that it was begun with, and will end with. */
  readonly properties: string;
}

export interface ReplicationRecord {
  readonly route: string;
  readonly key: string;
  /** 1 at the first write; never reused for a key while a tombstone is kept. */
  readonly version: number;
  readonly applied: Applied | null;
  readonly lease: Lease | null;
  /** Write intent: a copy was begun, and nothing is known to be applied; what stands at the destination may be ours, whoever died since. */
  readonly intent?: true;
  /** Outlives the lease, so that the next worker goes on where the last one stopped. */
  readonly upload?: Upload;
  /** Bidirectional routes: the write under way, or one whose outcome nobody has seen yet. */
  readonly writing?: Writing;
  /** Bidirectional routes: what lost where both sides had changed; kept until a person dismisses it. Newest last. */
  readonly conflicts?: readonly Conflict[];
  readonly deliveries: readonly Delivery[];
  readonly updatedAt: number;
  /** Set on tombstones alone: when the item may be dropped, ms since the epoch. */
  readonly expiresAt?: number;
}

/** Queue plus dead-letter queue retention (14 days each on SQS) and a margin: no message older than this can still arrive. */
export const TOMBSTONE_RETENTION_MS = 35 * 24 * 3600 * 1000;

export function emptyRecord(route: string, key: string, now: number): ReplicationRecord {
  return { route, key, version: 0, applied: null, lease: null, deliveries: [], updatedAt: now };
}

export function leaseHeld(record: ReplicationRecord, now: number): Lease | null {
  return record.lease && record.lease.until > now ? record.lease : null;
}

/** Why a record stands in the work index, and from when a sweep should look at it; null on the happy path. */
export type WorkEntry = { readonly kind: 'due'; readonly at: number } | { readonly kind: 'error' };

/** A queued message normally does the work; the sweep is for the message that was lost, so it comes this much later. */
export const SWEEP_GRACE_MS = 120_000;

/** Under way for the first time, with its message behind it, which comes back should the worker die: the happy path costs no index. */
function isQueued({ status, origin, attempts }: Delivery, lease: Lease | null): boolean {
  return status === 'in_progress' && origin !== 'api' && attempts === 0 && lease !== null && !lease.extended && !lease.dirty;
}

export function workEntry(record: ReplicationRecord): WorkEntry | null {
  const due: number[] = [];
  let failed = false;
  for (const delivery of record.deliveries) {
    if (isQueued(delivery, record.lease)) continue;
    if (delivery.status === 'pending' || delivery.status === 'in_progress') due.push((delivery.dueAt ?? delivery.updatedAt) + SWEEP_GRACE_MS);
    if (delivery.status === 'error') failed = true;
  }
  if (record.lease?.extended || record.lease?.dirty) due.push(record.lease.until + SWEEP_GRACE_MS);
  if (due.length > 0) return { kind: 'due', at: Math.min(...due) };
  return failed ? { kind: 'error' } : null;
}
