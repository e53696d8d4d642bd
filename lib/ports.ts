/** What the use-cases need of the world. Each port has one contract suite (test/contract); every adapter passes it. */
import type { RouteClaims } from './core/backfill/claims.ts';
import type { BackfillJob } from './core/backfill/job.ts';
import type { Settled } from './core/backfill/progress.ts';
import type { RangeProgress } from './core/backfill/range-progress.ts';
import type { Delivery, DeliveryStatus } from './core/objects/delivery.ts';
import type { ReplicationRecord } from './core/objects/record.ts';
import type { Checksum, Observation, Sight } from './core/objects/sight.ts';

// ── time, chance, names ─────────────────────────────────────────────────────

export interface Clock {
  /** ms since the epoch. */
  now(): number;
  /** Resolves after `ms`, or at once (never rejecting) when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Ids {
  /** Unique among all workers, for ever. */
  next(): string;
  /** In [0, 1), for jitter. */
  random(): number;
}

// ── replication state ───────────────────────────────────────────────────────

export interface ReplicationState {
  /** Strongly consistent. */
  get(route: string, key: string): Promise<ReplicationRecord | null>;
  /** Strongly consistent, at most 100 keys; absent ones are missing from the map. */
  getMany(route: string, keys: readonly string[]): Promise<ReadonlyMap<string, ReplicationRecord>>;
  /**
   * Compare-and-swap: writes `record` when the stored version is `expected` (0: no item is stored).
   * Durable when it resolves. The caller has set `record.version` to `expected + 1`.
   * @returns false when another version is stored; nothing was written then
   */
  put(record: ReplicationRecord, expected: number): Promise<boolean>;
}

export interface DeliveryQuery {
  readonly status?: DeliveryStatus;
  /** A prefix, or a pattern with `%` for any run of characters. Case-sensitive. */
  readonly keyLike?: string;
  readonly limit: number;
  readonly offset?: number;
  /** As a former answer gave it. */
  readonly cursor?: string;
}

export interface DeliveryView extends Delivery {
  readonly route: string;
  readonly key: string;
  readonly leaseUntil?: number;
}

export interface DeliveryPage {
  /** Ordered by route, then key in UTF-8 byte order, then age. */
  readonly events: readonly DeliveryView[];
  /** Present when there may be more: the answer is a part. */
  readonly cursor?: string;
}

export type RecordRef = { readonly route: string; readonly key: string };

export interface StateStats {
  /** done and superseded count for ever; the others count what is so now. */
  readonly counts: Readonly<Record<DeliveryStatus, number>>;
  /** createdAt of the oldest delivery that is pending or in progress, ms since the epoch. */
  readonly oldestOpenAt?: number;
  /** What the open deliveries say of their sizes, in bytes. */
  readonly openBytes: number;
  /** Objects that the records say are applied, by route. */
  readonly objects: Readonly<Record<string, number>>;
}

/** Sparse: holds only records that need attention (workEntry in core/objects/record.ts). */
export interface WorkIndex {
  /** Records of these routes alone whose work entry is due at or before `before`, the longest due first. */
  due(routes: readonly string[], before: number, limit: number): Promise<readonly RecordRef[]>;
  /** Records that hold an open delivery (`open`) or an error (`error`), oldest entry first. */
  waiting(kind: 'open' | 'error', limit: number, after?: RecordRef): Promise<readonly RecordRef[]>;
  deliveries(query: DeliveryQuery): Promise<DeliveryPage>;
  stats(): Promise<StateStats>;
  /** How many objects the route's records say are applied. Asked before every delete, so it costs a read at most. */
  objects(route: string): Promise<number>;
}

/** Counts deletes per route for the breaker of O10 (core/objects/breaker.ts decides). */
export interface DeleteLog {
  /** Adds `count` deletes in the minute of `at`. */
  add(route: string, at: number, count: number): Promise<void>;
  /** Deletes since `since` (negative after a resume), and when the route's deletes were paused (null: they flow). */
  read(route: string, since: number): Promise<{ readonly deletes: number; readonly pausedAt: number | null }>;
  pause(route: string, at: number): Promise<void>;
  /** Lets deletes flow again, and as many as there are for the breaker's window from `at`. */
  resume(route: string, at: number): Promise<void>;
}

// ── queue ───────────────────────────────────────────────────────────────────

export interface OutgoingMessage {
  readonly body: string;
  /** Seconds until it becomes visible, 0 to 900. */
  readonly delaySec?: number;
}

/** What producers and the replayer need; consuming is the event source mapping's work (embedded: the host's). */
export interface Queue {
  /**
   * What must wait for longer is sent anew, delayed, and acknowledged: a service that holds only so many messages in flight would
   * give out none when many wait. Absent: it holds any number. Seconds.
   */
  readonly holdSec?: number;
  send(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Makes a message in flight visible again after `seconds` (0 to 43,200). */
  delay(receipt: string, seconds: number): Promise<void>;
  /** Puts a copy into the dead-letter queue, with why; the caller then acknowledges the original. */
  park(body: string, reason: string): Promise<void>;
}

export interface QueueStats {
  readonly waiting: number;
  /** Sent or given back for later, and not yet due: not a backlog, since the records know what is retried. */
  readonly delayed: number;
  readonly inFlight: number;
  readonly dead: number;
  /** When the oldest message that is in flight, or due and never received, was first sent, ms since the epoch. */
  readonly oldestAt?: number;
}

export interface QueueAdmin {
  stats(): Promise<QueueStats>;
  /** Moves what lies in the dead-letter queue back to its source. @returns how many, as far as is known */
  redrive(): Promise<number>;
}

// ── backfills ───────────────────────────────────────────────────────────────

/** Every `put…` is a compare-and-swap as ReplicationState.put; every read is strongly consistent. */
export interface BackfillJobs {
  get(id: string): Promise<BackfillJob | null>;
  put(job: BackfillJob, expected: number): Promise<boolean>;
  /** The newest first; `before`: only those that are older than this id. */
  list(limit: number, before?: string): Promise<readonly BackfillJob[]>;
  /** By index. */
  ranges(job: string): Promise<readonly RangeProgress[]>;
  putRange(range: RangeProgress, expected: number): Promise<boolean>;
  claims(route: string): Promise<RouteClaims>;
  putClaims(claims: RouteClaims, expected: number): Promise<boolean>;
}

/** Counts what became of a backfill's messages: once a batch, so that a worker which is killed leaves some uncounted. */
export interface BackfillTally {
  add(job: string, settled: Settled): Promise<void>;
  read(job: string): Promise<Settled>;
}

// ── objects ─────────────────────────────────────────────────────────────────

/** What was found out about a bucket's endpoint by trying it (never by its name); kept per endpoint. */
export interface Capabilities {
  /** False: its credential may only read here. Fit for a source; nothing is known of what else it could do. */
  readonly writable: boolean;
  /** If-Match and If-None-Match honoured on PUT and on completing a multipart upload. */
  readonly conditionalPut: boolean;
  /** The same on the destination of a server-side copy: S3 itself is the lock. */
  readonly conditionalCopy: boolean;
  readonly conditionalDelete: boolean;
  readonly tags: boolean;
  /** Full-object CRC64NVME on HEAD. */
  readonly checksums: boolean;
  readonly versioned: boolean;
  /** Lists in UTF-8 byte order. Absent: not found out, so nothing may rely on it. */
  readonly listsInOrder?: boolean;
}

/** Keeps what was found out by trying for processes that start later. */
export interface Findings {
  /** @returns null where nothing is known, or not any more */
  recall(name: string): Promise<unknown>;
  /** @param finding as JSON can tell it */
  remember(name: string, finding: unknown): Promise<void>;
}

/** What the destination must hold for a write to happen. */
export type Condition = { readonly ifMatch: string } | { readonly ifAbsent: true };

/** Small bodies come whole, large ones as a stream that is never held in memory. */
export type Body = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * All methods throw TidemarkError with BUCKET_MISSING, ACCESS_DENIED, THROTTLED, UNAVAILABLE or REJECTED;
 * PreconditionFailedError where a pin or condition did not hold (S3's 412 and 409 alike).
 */
export interface ObjectReader {
  /** Absence is reported only when the bucket itself answers; HEAD plus, with `tags`, the tags. */
  head(key: string, options?: { readonly tags?: boolean }): Promise<Observation>;
  /**
   * The bytes of exactly the version that has this etag, with what HEAD would say of it (never with tags).
   * @throws PreconditionFailedError side `source`: it is another one now, or gone
   */
  read(key: string, pin: { readonly etag: string }, signal?: AbortSignal): Promise<{ readonly sight: Sight; readonly body: Body }>;
}

export interface WriteOptions {
  readonly size: number;
  /** Where its headers, metadata and tags come from. */
  readonly like: Sight;
  readonly condition?: Condition;
  readonly signal?: AbortSignal;
  /** Called synchronously before the request that makes the object visible; what it throws ends the write without a trace. */
  readonly beforeCommit?: () => void;
}

export interface Written {
  readonly etag: string;
  readonly versionId?: string;
  readonly checksum?: Checksum;
  /** The MD5 of the bytes as the store confirmed it, hex, where it does. */
  readonly md5?: string;
}

export interface ObjectWriter {
  /** All or nothing. @throws PreconditionFailedError side `destination` */
  write(key: string, body: Body, options: WriteOptions): Promise<Written>;
  /** Removing what is absent succeeds. @throws PreconditionFailedError side `destination` where the store can tell */
  remove(key: string, options?: { readonly condition?: { readonly ifMatch: string }; readonly signal?: AbortSignal }): Promise<void>;
  /** Replaces all tags. @throws PreconditionFailedError side `destination` when the object is gone */
  putTags(key: string, tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void>;
}

export type ListedObject = { readonly key: string; readonly etag: string; readonly size: number; readonly lastModified: number };

export interface Bucket {
  /** True where `check` also refuses another bucket in the place of the former one (a folder has its marker). */
  readonly provesIdentity: boolean;
  /** Probed once per endpoint and kept. */
  capabilities(): Promise<Capabilities>;
  /** @throws TidemarkError BUCKET_MISSING, ACCESS_DENIED or UNAVAILABLE: why this bucket cannot be believed */
  check(): Promise<void>;
  /** One page in the store's own order, which need not be UTF-8 byte order. */
  list(options: ListOptions): Promise<ListPage>;
}

export interface ListOptions {
  readonly prefix?: string;
  /** As the former page's `next`; the other options are those of the first page. */
  readonly token?: string;
  /** Any text: only keys that follow it in UTF-8 byte order. Saves listing the others where the store lists in order. */
  readonly startAfter?: string;
}

export type ListPage = { readonly objects: readonly ListedObject[]; readonly next?: string };

/** Puts a listing into UTF-8 byte order of its keys, each key once; passes on what is in order already, and keeps little in memory. */
export interface Sorter {
  sort(listing: AsyncIterable<ListedObject>): AsyncIterable<ListedObject>;
}

export interface CopyRequest {
  readonly sourceKey: string;
  readonly key: string;
  /** The source as observed; the copy is pinned to its etag. */
  readonly sight: Sight;
  readonly condition?: Condition;
  readonly signal?: AbortSignal;
}

export type UploadPart = { readonly number: number; readonly etag: string; readonly size: number };

/** Copies made by the store itself, between two buckets that one credential reaches. Every request is pinned to the source's etag. */
export interface ServerSideCopy {
  /** One request; metadata, headers and tags are copied by the store in the same moment as the bytes. */
  copy(request: CopyRequest): Promise<Written>;
  /** Headers, metadata and tags are those of the sight: parts bring none. */
  startUpload(request: CopyRequest): Promise<{ readonly uploadId: string }>;
  copyPart(request: CopyRequest, uploadId: string, number: number, range: { readonly start: number; readonly end: number }): Promise<UploadPart>;
  completeUpload(request: CopyRequest, uploadId: string, parts: readonly UploadPart[]): Promise<Written>;
  /** Parts that an earlier worker copied; an upload that is gone has none and is reported as null. */
  listParts(key: string, uploadId: string): Promise<readonly UploadPart[] | null>;
  abortUpload(key: string, uploadId: string): Promise<void>;
}

export type SourceStore = ObjectReader & Bucket;
export type RegionStore = ObjectReader & ObjectWriter & Bucket;

/** The two ends of a route. */
export interface Link {
  readonly source: SourceStore;
  readonly destination: RegionStore;
  /** Null where the bytes must be streamed: different endpoints, or folders. */
  readonly serverSide: ServerSideCopy | null;
  /** Both ends can hold tags; they are asked for nowhere else. */
  readonly tags: boolean;
  /** Lets large bodies through a few at a time; one for all links of a process. */
  readonly gate: { run<T>(size: number, transfer: () => Promise<T>): Promise<T> };
}
