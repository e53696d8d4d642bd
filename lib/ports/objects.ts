import type { Listed } from '../core/objects/listed.ts';
import type { Checksum, Observation, Sight } from '../core/objects/sight.ts';

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
  /** Keeps what is overwritten or deleted. */
  readonly versioned: boolean;
  /** Holds no former versions: it never kept any. False where it did, or where that may not be asked. Absent: not found out. */
  readonly neverVersioned?: boolean;
  /** Lists in UTF-8 byte order. Absent: not found out, so nothing may rely on it. */
  readonly listsInOrder?: boolean;
  /** A server-side copy takes all headers along but a website's redirect, which no store copies. Absent: not found out. */
  readonly copiesHeaders?: boolean;
  /** Redirects of its objects have an effect. Absent: not found out. */
  readonly servesWebsite?: boolean;
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

export interface ListedObject extends Listed {
  readonly key: string;
}

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
  /** Fewer keys than the store's own page are enough. It may list more. */
  readonly limit?: number;
}

export type ListPage = { readonly objects: readonly ListedObject[]; readonly next?: string };

/** Puts a listing, page by page, into UTF-8 byte order of its keys, each key once, and keeps little in memory. */
export interface Sorter {
  sort(pages: AsyncIterable<readonly ListedObject[]>): AsyncIterable<readonly ListedObject[]>;
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

/** Of stores whose buckets may keep former versions. */
export interface VersionKeeper {
  /**
   * Writes what a former version holds once more, with all that stands beside its bytes, so that it is the newest.
   * @throws PreconditionFailedError side `source`: that version is gone; side `destination`: the condition did not hold, where the store can tell
   */
  restore(key: string, version: { readonly versionId: string; readonly etag: string }, condition: Condition): Promise<Written>;
}

export type SourceStore = ObjectReader & Bucket;
export type RegionStore = ObjectReader & ObjectWriter & Bucket & Partial<VersionKeeper>;

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
