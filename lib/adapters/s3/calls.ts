/**
 * The requests that are made once or more per object, apart from what makes them: the SDK now (sdk-calls.ts).
 * All throw what errors.ts makes of an answer.
 */
import type { ByteRange } from '../../core/gateway/range.ts';
import type { Sight } from '../../core/objects/sight.ts';
import type { Body, Condition, ListOptions, ListPage, Written } from '../../ports/objects.ts';

export interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** `marker`: a delete marker answered, so the bucket is there. */
export type HeadAnswer = { readonly found: true; readonly sight: Sight } | { readonly found: false; readonly marker: boolean };

export interface GetRequest {
  /** Exactly this state of the object. */
  readonly etag?: string | undefined;
  /** As the header says it: one range. */
  readonly range?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The sight is that of the whole object, without a checksum where a `part` of it came; the body is a stream, or whole when it is small. */
export interface Got {
  readonly sight: Sight;
  readonly part?: ByteRange;
  readonly body: Body;
}

export interface PutRequest {
  readonly bytes: Uint8Array;
  /** Of the bytes, base64. */
  readonly md5: string;
  readonly like: Sight;
  readonly condition?: Condition | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whether the frames of a passed body are named as its content encoding, as S3 wants it, or not, since some stores keep that name (versitygw). */
export type Framing = 'named' | 'unnamed';

export interface PassRequest {
  readonly framing: Framing;
  /** Exactly `size` bytes: what it throws breaks the request off, and a store that holds bodies against their trailers keeps nothing of it. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly size: number;
  /** Of no content encoding, which this kind of request needs for itself; and of no storage class, since it cannot be made twice. */
  readonly like: Sight;
  readonly signal?: AbortSignal | undefined;
}

export interface PartRequest {
  readonly uploadId: string;
  readonly number: number;
  readonly bytes: Uint8Array;
  /** Of the bytes, base64. */
  readonly md5: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ObjectCopyRequest {
  readonly source: Place;
  readonly sight: Sight;
  /** Headers and metadata as in the sight, where the store's own copy of them is not whole. */
  readonly replaceMetadata?: boolean;
  readonly condition?: Condition | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `md5` in hex, where the etag is one. */
export interface StoredPart {
  readonly etag: string;
  readonly md5?: string;
}

export interface S3Calls {
  head(at: Place, signal?: AbortSignal): Promise<HeadAnswer>;
  /** @returns null where the store says that there is no such key in the bucket, which therefore is there */
  get(at: Place, request: GetRequest): Promise<Got | null>;
  put(at: Place, request: PutRequest): Promise<Written>;
  /** A PUT whose bytes go as they come, their checksum last (see framing.ts). Absent: the SDK's client hangs where a body breaks off. */
  pass?(at: Place, request: PassRequest): Promise<Written>;
  putPart(at: Place, request: PartRequest): Promise<StoredPart>;
  copy(to: Place, request: ObjectCopyRequest): Promise<Written>;
  remove(at: Place, ifMatch?: string, signal?: AbortSignal): Promise<void>;
  /** As the store lists: what it makes of `startAfter` is its own. */
  list(bucket: string, options: ListOptions): Promise<ListPage>;
}
