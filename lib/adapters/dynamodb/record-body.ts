/**
 * A record as a short text: what the item's key says is left out, times are told from `updatedAt` on, fields have places instead
 * of names. An item of at most 1,024 bytes is one write unit.
 * FORMAT counts the forms; a released one stays readable for ever.
 */
import type { ChangeOp, ChangeOrigin } from '../../core/change.ts';
import { TidemarkError } from '../../core/errors.ts';
import type { Conflict } from '../../core/objects/conflict.ts';
import type { Delivery, DeliveryStatus } from '../../core/objects/delivery.ts';
import type { Pair, SideState } from '../../core/objects/pair.ts';
import type { Applied, Lease, ReplicationRecord, Upload } from '../../core/objects/record.ts';
import type { Checksum } from '../../core/objects/sight.ts';
import type { Writing } from '../../core/objects/writing.ts';

const FORMAT = 1;

/** ms after (before: negative) the record's `updatedAt`; a text where a difference would not be exact. */
type Time = number | string;
type Maybe<T> = T | null | undefined;

type AppliedBody =
  | readonly ['t', at: Time, sequencer?: Maybe<string>]
  | readonly ['p', from: StateBody, to: StateBody, at: Time]
  | readonly [
      'o',
      etag: string,
      lastModified: Time,
      size: number,
      print: string,
      at: Time,
      /** 0: the same as the source's. */
      destinationEtag: string | 0,
      destinationVersionId?: Maybe<string>,
      versionId?: Maybe<string>,
      sequencer?: Maybe<string>,
      checksum?: Maybe<readonly [Checksum['algorithm'], string, Checksum['type']]>,
    ];
type StateBody = readonly [
  etag: string,
  size: number,
  print: string,
  lastModified?: Maybe<Time>,
  versionId?: Maybe<string>,
  tags?: Maybe<string>,
  /** 1: unsure, 2: unproven, 3: both. */
  doubts?: Maybe<number>,
  contentType?: Maybe<string>,
];
type LeaseBody = readonly [owner: string, until: Time, dirty: 0 | 1, extended: 0 | 1];
type DeliveryBody = readonly [
  /** A letter each for op, origin and status; a fourth, `t`, for what happened at the route's `to`. */
  codes: string,
  /** The hash part of an id in deliveryId's form, or `=` and the whole id. */
  id: string,
  ts: Time,
  attempts: number,
  createdAt: Time,
  updatedAt: Time,
  size?: Maybe<number>,
  etag?: Maybe<string>,
  sequencer?: Maybe<string>,
  versionId?: Maybe<string>,
  contentType?: Maybe<string>,
  dueAt?: Maybe<Time>,
  lastError?: Maybe<string>,
];
interface Rare {
  readonly intent?: true;
  readonly upload?: Upload;
  readonly expiresAt?: number;
  readonly writing?: Writing;
  readonly conflicts?: readonly Conflict[];
}
type RecordBody = readonly [
  format: number,
  updatedAt: number,
  applied: AppliedBody | null,
  deliveries: readonly DeliveryBody[],
  lease?: Maybe<LeaseBody>,
  rare?: Maybe<Rare>,
];

const OPS = { PUT: 'P', DELETE: 'D', TAG: 'T', UNKNOWN: 'U' } as const satisfies Record<ChangeOp, string>;
const ORIGINS = { s3: 's', api: 'a', backfill: 'b', reconcile: 'r', repair: 'p', watch: 'w' } as const satisfies Record<ChangeOrigin, string>;
const STATUSES = { pending: 'p', in_progress: 'i', done: 'd', superseded: 's', error: 'e' } as const satisfies Record<DeliveryStatus, string>;
const AT_TO = 't';
const OP_OF = inverted(OPS);
const ORIGIN_OF = inverted(ORIGINS);
const STATUS_OF = inverted(STATUSES);

export function encodeRecord(record: ReplicationRecord): string {
  const { updatedAt, applied, lease, deliveries, intent, upload, expiresAt, writing, conflicts } = record;
  const rare: Rare = present({ intent, upload, expiresAt, writing, conflicts });
  const from = (time: number): Time => timeFrom(time, updatedAt);
  return JSON.stringify(
    trimmed([
      FORMAT,
      updatedAt,
      applied && encodeApplied(applied, from),
      deliveries.map((delivery) => encodeDelivery(record, delivery, from)),
      lease && [lease.owner, from(lease.until), lease.dirty ? 1 : 0, lease.extended ? 1 : 0],
      Object.keys(rare).length === 0 ? null : rare,
    ]),
  );
}

/** @throws TidemarkError INTERNAL for a form that a newer Tidemark wrote */
export function decodeRecord(route: string, key: string, version: number, text: string): ReplicationRecord {
  const body: RecordBody = JSON.parse(text);
  const [format, updatedAt, applied, deliveries, lease, rare] = body;
  if (format !== FORMAT) {
    throw new TidemarkError('INTERNAL', `the record is of form ${format}, this Tidemark reads form ${FORMAT}: run the newer one`, { route, key });
  }
  const at = (time: Time): number => (typeof time === 'string' ? Number(time) : updatedAt + time);
  return {
    route,
    key,
    version,
    applied: applied && decodeApplied(applied, at),
    lease: lease ? decodeLease(lease, at) : null,
    deliveries: deliveries.map((delivery) => decodeDelivery(route, key, delivery, at)),
    updatedAt,
    ...rare,
  };
}

function encodeApplied(applied: Applied, from: (time: number) => Time): readonly unknown[] {
  if (applied.kind === 'tombstone') return trimmed(['t', from(applied.at), applied.sequencer]);
  if (applied.kind === 'pair') return ['p', encodeState(applied.from, from), encodeState(applied.to, from), from(applied.at)];
  const { etag, lastModified, size, print, at, destination, versionId, sequencer, checksum } = applied;
  return trimmed([
    'o',
    etag,
    from(lastModified),
    size,
    print,
    from(at),
    destination.etag === etag ? 0 : destination.etag,
    destination.versionId,
    versionId,
    sequencer,
    checksum && [checksum.algorithm, checksum.value, checksum.type],
  ]);
}

function decodeApplied(body: AppliedBody, at: (time: Time) => number): Applied {
  if (body[0] === 't') return { kind: 'tombstone', at: at(body[1]), ...present({ sequencer: body[2] }) };
  if (body[0] === 'p') return { kind: 'pair', from: decodeState(body[1], at), to: decodeState(body[2], at), at: at(body[3]) } satisfies Pair;
  const [kind, etag, lastModified, size, print, appliedAt, destinationEtag, destinationVersionId, versionId, sequencer, checksum] = body;
  if (kind !== 'o') throw new TidemarkError('INTERNAL', 'a record says that something unknown was applied', { kind });
  return {
    kind: 'object',
    etag,
    lastModified: at(lastModified),
    size,
    print,
    at: at(appliedAt),
    destination: { etag: destinationEtag === 0 ? etag : destinationEtag, ...present({ versionId: destinationVersionId }) },
    ...present({ versionId, sequencer, checksum: checksum && { algorithm: checksum[0], value: checksum[1], type: checksum[2] } }),
  };
}

function encodeState(state: SideState, from: (time: number) => Time): readonly unknown[] {
  const { etag, size, print, lastModified, versionId, tags, contentType } = state;
  const doubts = (state.unsure ? 1 : 0) + (state.unproven ? 2 : 0);
  return trimmed([etag, size, print, lastModified === undefined ? null : from(lastModified), versionId, tags, doubts || null, contentType]);
}

function decodeState([etag, size, print, seenAt, versionId, tags, doubts, contentType]: StateBody, at: (time: Time) => number): SideState {
  const lastModified = seenAt === undefined || seenAt === null ? null : at(seenAt);
  const unsure = doubts === 1 || doubts === 3 ? (true as const) : null;
  const unproven = doubts === 2 || doubts === 3 ? (true as const) : null;
  return { etag, size, print, ...present({ lastModified, versionId, tags, unsure, unproven, contentType }) };
}

function decodeLease([owner, until, dirty, extended]: LeaseBody, at: (time: Time) => number): Lease {
  return { owner, until: at(until), dirty: dirty === 1, extended: extended === 1 };
}

function encodeDelivery(record: ReplicationRecord, delivery: Delivery, from: (time: number) => Time): readonly unknown[] {
  const { op, origin, status, id, ts, attempts, createdAt, updatedAt } = delivery;
  const { size, etag, sequencer, versionId, contentType, dueAt, lastError, side } = delivery;
  return trimmed([
    OPS[op] + ORIGINS[origin] + STATUSES[status] + (side === 'to' ? AT_TO : ''),
    shortId(record, id),
    from(ts),
    attempts,
    from(createdAt),
    from(updatedAt),
    size,
    etag,
    sequencer,
    versionId,
    contentType,
    dueAt === undefined ? null : from(dueAt),
    lastError,
  ]);
}

function decodeDelivery(route: string, key: string, body: DeliveryBody, at: (time: Time) => number): Delivery {
  const [codes, id, ts, attempts, createdAt, updatedAt, size, etag, sequencer, versionId, contentType, dueAt, lastError] = body;
  const [op, origin, status] = [OP_OF.get(codes.charAt(0)), ORIGIN_OF.get(codes.charAt(1)), STATUS_OF.get(codes.charAt(2))];
  if (!op || !origin || !status) throw new TidemarkError('INTERNAL', `a record holds a delivery with unknown codes ${codes}`, { route, key });
  return {
    id: fullId(route, key, id),
    op,
    origin,
    status,
    ts: at(ts),
    attempts,
    createdAt: at(createdAt),
    updatedAt: at(updatedAt),
    ...(codes.charAt(3) === AT_TO ? { side: 'to' } : {}),
    ...present({ size, etag, sequencer, versionId, contentType, lastError, dueAt: dueAt === null || dueAt === undefined ? null : at(dueAt) }),
  };
}

const WHOLE = '=';

function shortId({ route, key }: ReplicationRecord, id: string): string {
  const hash = id.split('.')[1] ?? '';
  return !hash.startsWith(WHOLE) && fullId(route, key, hash) === id ? hash : WHOLE + id;
}

function fullId(route: string, key: string, short: string): string {
  return short.startsWith(WHOLE) ? short.slice(1) : `${route}.${short}.${Buffer.from(key, 'utf8').toString('base64url')}`;
}

function timeFrom(time: number, base: number): Time {
  const difference = time - base;
  return base + difference === time ? difference : String(time);
}

/** Without the absent places at its end. */
function trimmed(places: readonly unknown[]): readonly unknown[] {
  const last = places.findLastIndex((place) => place !== undefined && place !== null);
  return places.slice(0, last + 1);
}

/** The fields that are there. */
function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

function inverted<K extends string>(codes: Readonly<Record<K, string>>): ReadonlyMap<string, K> {
  return new Map((Object.keys(codes) as K[]).map((name) => [codes[name], name]));
}
