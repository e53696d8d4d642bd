/** A Delivery: the state of one change on one route; what operators see, retry and audit. */
import type { ChangeOp, ChangeOrigin, ObjectChange, Side } from '../change.ts';
import { shortHash } from '../hash.ts';
import { compareSequencers } from './sequencer.ts';

export const DELIVERY_STATUSES = ['pending', 'in_progress', 'done', 'superseded', 'error'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface Delivery {
  readonly id: string;
  readonly op: ChangeOp;
  readonly origin: ChangeOrigin;
  readonly ts: number;
  readonly etag?: string;
  readonly size?: number;
  readonly contentType?: string;
  readonly versionId?: string;
  readonly sequencer?: string;
  /** Where the change happened; absent: at the route's `from`. */
  readonly side?: Side;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly lastError?: string;
  /** When it is tried next, ms since the epoch. */
  readonly dueAt?: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** True for what no worker touches again unless someone asks for it. */
export const FINAL: Readonly<Record<DeliveryStatus, boolean>> = { pending: false, in_progress: false, done: true, superseded: true, error: true };

/** Final deliveries kept per record for people to see; errors and pending ones are kept beyond it. */
const KEPT_FINAL = 6;
/** Those that ended just now are all stored once (a batch brings ten of one key), so that none ends unseen. */
const KEPT_JUST_ENDED = 20;
/** Unsettled deliveries of one key beyond this collapse: the newest covers them, since a look settles them all alike. */
const KEPT_OPEN = 20;
const MAX_ERROR_LENGTH = 300;

/**
 * The id of a change on a route: `<route>.<hash>.<key in base64url>`, so that one read finds the record that holds it.
 * It names a delivery; it never decides whether work is needed (trap 37).
 */
export function deliveryId(route: string, change: ObjectChange): string {
  const occurrence = change.sequencer ?? change.versionId ?? String(change.ts);
  // Named only where it is not the usual one: ids of one-way routes never change.
  const where = change.side === 'to' ? ['to'] : [];
  const hash = shortHash([change.op, change.etag ?? '', occurrence, change.origin, ...where].join('\n'));
  return recordedId(route, hash, change.key);
}

/** What names anything that a record holds: one read finds the record. @param shortId tells it apart there */
export function recordedId(route: string, shortId: string, key: string): string {
  return `${route}.${shortId}.${Buffer.from(key, 'utf8').toString('base64url')}`;
}

/** @returns the route and key that an id names, or null when it is no id of ours */
export function parseDeliveryId(id: string): { readonly route: string; readonly key: string } | null {
  const parts = id.split('.');
  if (parts.length !== 3 || !parts[0] || !parts[1] || !parts[2]) return null;
  const key = Buffer.from(parts[2], 'base64url').toString('utf8');
  return key === '' ? null : { route: parts[0], key };
}

/** The part of an id that tells apart what one record holds. */
export function shortIdOf(id: string): string {
  return id.split('.')[1] ?? id;
}

export function newDelivery(route: string, change: ObjectChange, now: number): Delivery {
  const { key: _key, ...facts } = change;
  return { ...facts, id: deliveryId(route, change), status: 'pending', attempts: 0, createdAt: now, updatedAt: now };
}

/** The changes as pending deliveries beside those already known; one that is known keeps its state. */
export function noteChanges(known: readonly Delivery[], route: string, changes: readonly ObjectChange[], now: number): readonly Delivery[] {
  const ids = new Set(known.map((delivery) => delivery.id));
  const added: Delivery[] = [];
  for (const change of changes) {
    const delivery = newDelivery(route, change, now);
    if (ids.has(delivery.id)) continue;
    ids.add(delivery.id);
    added.push(delivery);
  }
  return added.length === 0 ? known : [...known, ...added];
}

export function sideOf({ side }: Pick<Delivery, 'side'>): Side {
  return side ?? 'from';
}

/** Older first: by sequencer where both have one of one store, else by the sender's clock, else as they came. */
export function compareDeliveries(a: Delivery, b: Delivery): number {
  const bySequencer = sideOf(a) === sideOf(b) ? compareSequencers(a.sequencer, b.sequencer) : undefined;
  return bySequencer || a.ts - b.ts || a.createdAt - b.createdAt;
}

/** Keeps the record small: final deliveries go first; open ones beyond the bound are covered by newer ones. Errors stay. */
export function trimDeliveries(deliveries: readonly Delivery[], now: number): readonly Delivery[] {
  if (deliveries.length <= KEPT_FINAL) return deliveries;
  const sorted = [...deliveries].sort(compareDeliveries);
  const collapse = (kept: Delivery[], bound: number): Set<string> => new Set(kept.slice(0, Math.max(0, kept.length - bound)).map(({ id }) => id));
  const covered = collapse(
    sorted.filter(({ status }) => !FINAL[status]),
    KEPT_OPEN,
  );
  const coveredErrors = collapse(
    sorted.filter(({ status }) => status === 'error'),
    KEPT_OPEN,
  );
  const settled = sorted.map((delivery) =>
    covered.has(delivery.id) || coveredErrors.has(delivery.id) ? { ...delivery, status: 'superseded' as const, updatedAt: now } : delivery,
  );
  const ended = settled.filter(({ status }) => status === 'done' || status === 'superseded');
  const justEnded = ended.filter(({ updatedAt }) => updatedAt >= now);
  const dropped = collapse(
    [...ended.filter(({ updatedAt }) => updatedAt < now), ...justEnded],
    justEnded.length > KEPT_FINAL ? Math.min(justEnded.length, KEPT_JUST_ENDED) : KEPT_FINAL,
  );
  return settled.filter(({ id }) => !dropped.has(id));
}

export function cutError(message: string): string {
  return message.length <= MAX_ERROR_LENGTH ? message : `${message.slice(0, MAX_ERROR_LENGTH - 1)}…`;
}
