/**
 * Whether the two sides of a key are equal. Pure: from both listings and the record (the pair of states in which both last were equal),
 * from a HEAD of both where those cannot tell, and from their bytes where all else is not to be believed.
 *
 *                     │ the listings alone      │ with the record            │ after a HEAD of both
 * ────────────────────┼─────────────────────────┼────────────────────────────┼──────────────────────────────────────
 * the source alone    │ missing                 │ missing                    │ missing
 * the destination     │ extra                   │ left alone where the route │ extra
 *   alone             │                         │ keeps what is deleted      │
 * both, other sizes   │ different               │ different                  │ different
 * both, one etag      │ equal                   │ equal                      │ equal, unless headers or metadata differ
 * both, other etags   │ open                    │ equal, if it is that pair; │ equal or different by checksum or MD5; else
 *                     │                         │ open, if it is not         │ different from the pair, or unknown
 *
 * On a bidirectional route what one side lacks is missing, whichever side it is.
 * Equal etags of equal sizes mean equal bytes (see sameBytes); that etags differ means nothing by itself (trap 6).
 */

import { baseOf } from '../objects/base.ts';
import { compareDeliveries, FINAL } from '../objects/delivery.ts';
import { isListed } from '../objects/reconcile-pair.ts';
import type { ReplicationRecord } from '../objects/record.ts';
import { type Observation, printOf, type Sight, sameBytes } from '../objects/sight.ts';
import type { Route } from '../routes/route.ts';
import type { DifferenceKind, Held } from './difference.ts';

/** Of one key: what each side holds, as far as it was looked at. */
export interface Sides {
  readonly key: string;
  readonly source?: Held;
  readonly destination?: Held;
}

/** `ignored`: neither side holds it, or the route leaves it as it is. */
export type Verdict =
  | { readonly is: 'equal' }
  | { readonly is: 'ignored' }
  /** Neither listings nor record tell: look at both sides. */
  | { readonly is: 'open' }
  | { readonly is: DifferenceKind; readonly reason: string };

type Judged = Pick<Route, 'from' | 'to' | 'deletes' | 'bidirectional'>;

export const REASONS = {
  missing: 'the destination does not hold it',
  waits: 'it waits to be copied',
  deleteWaits: 'its delete waits',
  extra: 'the destination alone holds it',
  left: 'it was copied from the source, which does not hold it any more',
  size: 'the sizes differ',
  content: 'the content differs, by the checksums or MD5 of both stores',
  bytes: 'the bytes differ',
  properties: 'headers or metadata differ',
  rewritten: 'it was written at the destination by others since it was copied',
  newer: 'it was written at the source since it was copied',
  unproven: 'etags and checksums of the two stores cannot be compared; a deep comparison reads the bytes',
  restless: 'it changes again and again; compare it later',
  archived: 'it lies in an archive: its bytes cannot be read',
} as const;

const EQUAL: Verdict = { is: 'equal' };
const IGNORED: Verdict = { is: 'ignored' };
const OPEN: Verdict = { is: 'open' };

/** @param record undefined: there is none, or nobody asked for it yet (then what it could tell is `open`) */
export function judgeListed(route: Judged, sides: Sides, record?: ReplicationRecord): Verdict {
  const { source, destination } = sides;
  if (!source || !destination) return judgeLone(route, sides, record);
  if (source.size !== destination.size) return { is: 'different', reason: REASONS.size };
  // Some stores list no etags: two that are missing are no hash of anything.
  if ((source.etag !== '' && source.etag === destination.etag) || isPair(sides, record)) return EQUAL;
  return OPEN;
}

export function judgeSeen(route: Judged, key: string, source: Observation, destination: Observation, record?: ReplicationRecord): Verdict {
  if (!source.present || !destination.present) {
    return judgeLone(
      route,
      { key, ...(source.present ? { source: source.sight } : {}), ...(destination.present ? { destination: destination.sight } : {}) },
      record,
    );
  }
  const [ours, theirs] = [source.sight, destination.sight];
  if (ours.size !== theirs.size) return { is: 'different', reason: REASONS.size };
  const same = sameContent(ours, theirs);
  if (same === false) return { is: 'different', reason: REASONS.content };
  if (same === true) return judgeProperties(ours, theirs);
  if (isPair({ key, source: ours, destination: theirs }, record)) return EQUAL;
  const base = baseOf(record?.applied ?? null);
  if (base.from === null || base.to === null) return { is: 'unknown', reason: REASONS.unproven };
  return { is: 'different', reason: isListed(asEntry(key, theirs), base.to) ? REASONS.newer : REASONS.rewritten };
}

/** Of two objects whose bytes were read. */
export function judgeRead(source: Sight, destination: Sight, sameDigest: boolean): Verdict {
  return sameDigest ? judgeProperties(source, destination) : { is: 'different', reason: REASONS.bytes };
}

/**
 * True where a difference may be one that is about to end: something of the key is newer than `since`, or waits to be applied.
 * When something was deleted shows nowhere, so that what was equal and is gone at one side counts as new, too.
 */
export function isFresh({ source, destination }: Sides, record: ReplicationRecord | undefined, since: number): boolean {
  if (Math.max(source?.lastModified ?? 0, destination?.lastModified ?? 0, record?.updatedAt ?? 0) >= since) return true;
  if (!record) return false;
  const lone = !source !== !destination;
  return record.deliveries.some(({ status }) => !FINAL[status]) || (lone && record.applied !== null);
}

function judgeLone({ from, to, deletes, bidirectional }: Judged, { source, destination }: Sides, record?: ReplicationRecord): Verdict {
  if (!source && !destination) return IGNORED;
  const waits = record?.deliveries
    .filter(({ status }) => !FINAL[status])
    .toSorted(compareDeliveries)
    .at(-1)?.op;
  const held = waits === 'DELETE' ? REASONS.deleteWaits : null;
  if (source || bidirectional) {
    const lacks = `region ${source ? to : from} does not hold it`;
    return { is: 'missing', reason: held ?? (waits ? REASONS.waits : bidirectional ? lacks : REASONS.missing) };
  }
  if (record?.applied == null) return { is: 'extra', reason: held ?? REASONS.extra };
  return deletes ? { is: 'extra', reason: held ?? REASONS.left } : IGNORED;
}

function judgeProperties(source: Sight, destination: Sight): Verdict {
  return printOf(source) === printOf(destination) ? EQUAL : { is: 'different', reason: REASONS.properties };
}

/** Both are as they were when the record last knew them to be equal. */
function isPair({ key, source, destination }: Sides, record: ReplicationRecord | undefined): boolean {
  if (!source || !destination || !record) return false;
  const { from, to } = baseOf(record.applied);
  if (from === null || to === null || from.unproven || to.unproven) return false;
  return isListed(asEntry(key, source), from) && isListed(asEntry(key, destination), to);
}

function asEntry(key: string, { etag, size, lastModified }: Held): Held & { readonly key: string } {
  return { key, etag, size, lastModified };
}

/** @returns undefined where nothing that both name can be compared */
function sameContent(a: Sight, b: Sight): boolean | undefined {
  if (sameBytes(a, b)) return true;
  if (a.md5 !== undefined && b.md5 !== undefined) return a.md5 === b.md5;
  const whole = a.checksum?.type === 'FULL_OBJECT' && b.checksum?.type === 'FULL_OBJECT' && a.checksum.algorithm === b.checksum.algorithm;
  return whole ? false : undefined;
}
