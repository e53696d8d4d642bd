/** What to do about a key, from what was seen of it. Pure; every branch ends in one of Plan's kinds. */
import { TELLS } from '../change.ts';
import { TidemarkError } from '../errors.ts';
import type { Delivery } from './delivery.ts';
import { FINAL } from './delivery.ts';
import { type Applied, type AppliedObject, type ReplicationRecord, TOMBSTONE_RETENTION_MS } from './record.ts';
import { compareSequencers } from './sequencer.ts';
import { type Observation, printOf, type Sight, sameBytes, sameProperties, UNKNOWN_PRINT } from './sight.ts';

/** copy: one server-side request · parts: server-side multipart · stream: read here, written there · remove · tags: tags alone. */
export const ACTS = ['copy', 'parts', 'stream', 'remove', 'tags'] as const;
export type Act = (typeof ACTS)[number];

/**
 * optimistic: one write to the record, which is lost to whoever wrote it meanwhile. leased: claimed first.
 * Only a pinned server-side copy may be optimistic: whenever it lands, it writes what the source holds at that moment,
 * while a late stream, delete or tagging would write what the source held once.
 */
export type Way = 'optimistic' | 'leased';

export interface LinkTraits {
  /** One credential reaches both ends, so that the store copies by itself. */
  readonly serverSide: boolean;
  readonly conditionalCopy: boolean;
  readonly conditionalPut: boolean;
  readonly conditionalDelete: boolean;
  readonly tags: boolean;
  /** A server-side copy of one request leaves no header behind, whatever the source has. */
  readonly copiesWhole?: boolean;
  /** Server-side copies of this size (bytes) and more go by parts. */
  readonly partsFrom: number;
}

export interface Rules {
  /** False: deletes are not replicated on this route. */
  readonly deletes: boolean;
  /** For work that no queued message stands behind: nothing would look again after a crash. */
  readonly alwaysLease: boolean;
  /** Of a route that carries some objects only. @returns why the object is not carried; null: it is */
  readonly leavesOut?: (source: Sight) => string | null;
}

export interface Look {
  /** As read before the source was observed, with this job's changes noted in it. */
  readonly record: ReplicationRecord;
  readonly source: Observation;
  /** Undefined until it was looked at. */
  readonly destination?: Observation;
  readonly link: LinkTraits;
  readonly rules: Rules;
}

export type CopyCondition = { readonly ifMatch: string } | { readonly ifAbsent: true };

export type Plan =
  /** The record alone may not decide that nothing is to do: a late write of a dead worker may have changed the destination since. */
  | { readonly do: 'confirm' }
  | {
      readonly do: 'settle';
      readonly applied: 'keep' | 'tombstone' | { readonly source: Sight; readonly destination: Sight };
      readonly leftOut?: string;
    }
  | { readonly do: 'act'; readonly act: 'copy' | 'parts' | 'stream'; readonly way: Way; readonly source: Sight; readonly condition?: CopyCondition }
  | { readonly do: 'act'; readonly act: 'remove'; readonly way: Way; readonly condition?: { readonly ifMatch: string } }
  | { readonly do: 'act'; readonly act: 'tags'; readonly way: Way; readonly source: Sight; readonly destination: Sight }
  | { readonly do: 'refuse'; readonly error: TidemarkError };

export function plan(look: Look): Plan {
  return look.source.present ? planPresent(look, look.source.sight) : planAbsent(look);
}

function planPresent(look: Look, source: Sight): Plan {
  const { record, destination, link, rules } = look;
  // What was applied before stays as it is: a filter says what is carried, and nothing of what is removed.
  const leftOut = rules.leavesOut?.(source) ?? null;
  if (leftOut !== null) return { do: 'settle', applied: 'keep', leftOut };
  if (source.archived) {
    return { do: 'refuse', error: new TidemarkError('ARCHIVED', 'the object lies in an archive and cannot be read', { key: record.key }) };
  }
  const applied = record.applied?.kind === 'object' ? record.applied : null;
  if (destination === undefined) {
    if (applied && mayBeApplied(source, applied)) return { do: 'confirm' };
    return planCopy(look, source, applied ? { ifMatch: applied.destination.etag } : { ifAbsent: true });
  }
  if (!destination.present) return planCopy(look, source, { ifAbsent: true });
  const held = destination.sight;
  const asWritten = applied !== null && applied.destination.etag === held.etag && sameSource(source, applied);
  if ((asWritten || sameBytes(source, held)) && !isDamaged(record, source)) {
    if (sameProperties(source, held)) return { do: 'settle', applied: { source, destination: held } };
    const onlyTags = printOf(source) === printOf(held) && source.tags !== undefined;
    if (onlyTags && link.tags) return { do: 'act', act: 'tags', way: 'leased', source, destination: held };
  }
  return planCopy(look, source, { ifMatch: held.etag });
}

/** The copy of this very source was read, and holds other bytes than its etag and its record say: it is made again. */
function isDamaged({ deliveries }: ReplicationRecord, source: Sight): boolean {
  return deliveries.some((delivery) => delivery.origin === 'repair' && delivery.etag === source.etag && isOpen(delivery));
}

function planCopy(look: Look, source: Sight, condition: CopyCondition): Plan {
  const { link } = look;
  const act = !link.serverSide ? 'stream' : source.size >= link.partsFrom ? 'parts' : 'copy';
  const conditional: Readonly<Record<typeof act, boolean>> = {
    copy: link.conditionalCopy,
    parts: link.conditionalPut,
    stream: link.conditionalPut,
  };
  const way = act === 'copy' && needsNoLease(look) ? 'optimistic' : 'leased';
  return { do: 'act', act, way, source, ...(conditional[act] ? { condition } : {}) };
}

/** Of a pinned copy in one request. */
function needsNoLease({ record, link, rules }: Look): boolean {
  // Of a route that leaves objects out, the claim's intent alone tells later that a copy which no record tells of was ours.
  if (rules.alwaysLease || rules.leavesOut) return false;
  // Without a lease two copies may be under way at once. A store that heeds the destination's condition refuses the one that comes too
  // late; any other may show what it read before the newer one was written, and only of a key's first copy is that put up with.
  const isFirst = record.applied === null && record.intent !== true;
  return link.conditionalCopy || isFirst;
}

function planAbsent({ record, destination, link, rules }: Look): Plan {
  if (!deleteEvidence(record)) {
    const waits = record.deliveries.some((delivery) => delivery.op !== 'DELETE' && !FINAL[delivery.status] && claimsPresence(delivery));
    return waits ? { do: 'refuse', error: noSuchKey(record.key) } : { do: 'settle', applied: 'keep' };
  }
  // Of a route that leaves objects out, the delete may be of one of those: what stands at the destination is then none of ours.
  const maybeOurs = rules.leavesOut === undefined || record.applied !== null || record.intent === true;
  if (!rules.deletes || !maybeOurs) return { do: 'settle', applied: 'keep' };
  if (destination === undefined) return { do: 'confirm' };
  if (!destination.present) return { do: 'settle', applied: 'tombstone' };
  return { do: 'act', act: 'remove', way: 'leased', ...(link.conditionalDelete ? { condition: { ifMatch: destination.sight.etag } } : {}) };
}

export function noSuchKey(key: string): TidemarkError {
  return new TidemarkError('NO_SUCH_KEY_AT_SOURCE', 'no such key at the source', { key });
}

/**
 * What lets an absent key be deleted at the destination (O10): a delete event that waits, a tombstone (the delete was confirmed
 * before), or what was seen to be gone (by a watch, by a reconcile's second look) of what was applied from this very source, or was
 * being applied when its worker died: that write may have landed without being recorded. Mere absence is none.
 */
export function deleteEvidence(record: ReplicationRecord): boolean {
  if (record.applied?.kind === 'tombstone') return true;
  const fromHere = record.applied?.kind === 'object' || record.intent === true;
  return record.deliveries.some((delivery) => delivery.op === 'DELETE' && isOpen(delivery) && (TELLS[delivery.origin] || fromHere));
}

/** Someone said that the key is there. Who only saw a difference asked for a look: whatever that shows is its answer. */
export function claimsPresence(delivery: Delivery): boolean {
  return TELLS[delivery.origin];
}

/** Not settled: waiting, under way, or failed (a failed one is settled by whatever look succeeds next). */
export function isOpen(delivery: Delivery): boolean {
  return !FINAL[delivery.status] || delivery.status === 'error';
}

/** Everything that HEAD tells of the source is what was applied: identity is more than the etag (trap 37). */
export function isApplied(source: Sight, applied: AppliedObject): boolean {
  return sameSource(source, applied) && applied.print === printOf(source);
}

/** As above, or as far as is known: what was copied as a listing told it is looked at before it is copied again. */
function mayBeApplied(source: Sight, applied: AppliedObject): boolean {
  return isApplied(source, applied) || (applied.print === UNKNOWN_PRINT && sameSource(source, applied));
}

function sameSource(source: Sight, applied: AppliedObject): boolean {
  return (
    source.etag === applied.etag &&
    source.size === applied.size &&
    source.lastModified === applied.lastModified &&
    (source.versionId === undefined || applied.versionId === undefined || source.versionId === applied.versionId)
  );
}

/** What the record says once `source` is at the destination as `destination`. */
export function appliedObject(
  source: Sight,
  destination: { readonly etag: string; readonly versionId?: string },
  sequencer: string | undefined,
  now: number,
): AppliedObject {
  return {
    kind: 'object',
    etag: source.etag,
    ...(source.versionId === undefined ? {} : { versionId: source.versionId }),
    lastModified: source.lastModified,
    size: source.size,
    print: printOf(source),
    ...(sequencer === undefined ? {} : { sequencer }),
    ...(source.checksum === undefined ? {} : { checksum: source.checksum }),
    destination: { etag: destination.etag, ...(destination.versionId === undefined ? {} : { versionId: destination.versionId }) },
    at: now,
  };
}

/** The highest sequencer among the deliveries of one operation. */
export function newestSequencer(deliveries: readonly Delivery[], op: Delivery['op']): string | undefined {
  let newest: string | undefined;
  for (const delivery of deliveries) {
    if (delivery.op !== op || delivery.sequencer === undefined) continue;
    if (newest === undefined || (compareSequencers(delivery.sequencer, newest) ?? -1) > 0) newest = delivery.sequencer;
  }
  return newest;
}

/** When a record may be dropped: tombstones alone, and only once nothing of the key can still arrive. */
export function expiryOf(applied: Applied | null, deliveries: readonly Delivery[]): number | undefined {
  if (applied?.kind !== 'tombstone' || deliveries.some(isOpen)) return undefined;
  return applied.at + TOMBSTONE_RETENTION_MS;
}
