import type { ReadConditions, WriteConditions } from '../core/gateway/conditions.ts';
import type { ByteRange } from '../core/gateway/range.ts';
import type { Checksum, ContentHeaders, Sight } from '../core/objects/sight.ts';
import type { Body, Written } from './objects.ts';

export interface ReadOptions extends ReadConditions {
  /** The Range header as it was sent. One range is served; what asks for several, or cannot be read, gets the whole object. */
  readonly range?: string;
  /** Ends the request at the store; while a body flows, the body too. */
  readonly signal?: AbortSignal;
}

export interface ServedObject {
  readonly kind: 'object';
  /** Of the whole object, also where a part is served; its checksum is known only where the whole is. */
  readonly sight: Sight;
  /** The part that was asked for: 206. Absent: all of it. */
  readonly part?: ByteRange;
}

export type NotServed =
  | { readonly kind: 'absent' }
  | { readonly kind: 'notModified'; readonly sight: Sight }
  | { readonly kind: 'preconditionFailed' }
  | { readonly kind: 'rangeNotSatisfiable'; readonly sight: Sight };

/** A stream fails with TidemarkError UNAVAILABLE where it breaks off. Who does not read it to its end calls `return` on its iterator, or aborts. */
export type ServedBody = ServedObject & { readonly body: Body };

export interface PutOptions extends WriteConditions {
  /** Bytes; absent where the sender does not say (chunked). */
  readonly size?: number;
  readonly headers: ContentHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  /** The Content-MD5 header: base64. */
  readonly contentMd5?: string;
  /** The x-amz-content-sha256 header: hex. */
  readonly contentSha256?: string;
  /** An x-amz-checksum-* header, of the whole body. */
  readonly checksum?: Pick<Checksum, 'algorithm' | 'value'>;
  readonly signal?: AbortSignal;
  /** Called synchronously before the request that makes the object visible; what it throws ends the write without a trace. */
  readonly beforeCommit?: () => void;
}

export type Stored = Written & { readonly size: number };

export interface PresignRequest {
  readonly op: 'get' | 'put';
  readonly key: string;
  readonly expiresSec: number;
  /** Of a put, as all that follows: what is sent must say and be the same. */
  readonly contentType?: string;
  readonly contentMd5?: string;
  readonly checksum?: Pick<Checksum, 'algorithm' | 'value'>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** `headers`: those that must be sent along, exactly so. */
export type Presigned = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/**
 * A region's objects as a gateway serves them. All methods throw TidemarkError with BUCKET_MISSING, ACCESS_DENIED, THROTTLED, UNAVAILABLE,
 * REJECTED, ARCHIVED, INTEGRITY, or KEY_NOT_STORABLE; one whose signal fires throws its reason where that is a TidemarkError, else UNAVAILABLE.
 */
export interface GatewayStore {
  /** Whether the bucket itself answers. */
  check(signal?: AbortSignal): Promise<void>;
  /** What `get` would answer, without its body. */
  head(key: string, options?: ReadOptions): Promise<ServedObject | NotServed>;
  /** Nothing but the bytes of one state of the object is ever served. */
  get(key: string, options?: ReadOptions): Promise<ServedBody | NotServed>;
  /**
   * All or nothing, in flat memory at any size. The body stays its giver's: where the write fails, it is left as far as it was read.
   * @throws PreconditionFailedError side `destination`
   * @throws TidemarkError INVALID_INPUT (`fields.field`: the header) where the bytes are not those that were announced, break off, or stand
   * still for too long; TOO_LARGE; nothing is stored then. UNAVAILABLE with `outcomeUnknown` where it may have been written, or may be yet
   */
  put(key: string, body: Body, options: PutOptions): Promise<Stored>;
  /**
   * Removing what is absent succeeds, unless something was to match.
   * @param options.ifMatch the header as it was sent
   * @throws PreconditionFailedError side `destination`; TidemarkError as `put` does
   */
  remove(key: string, options?: { readonly ifMatch?: string; readonly signal?: AbortSignal }): Promise<void>;
  /** Null: nothing but the gateway can hand out addresses. */
  readonly presign: ((request: PresignRequest) => Promise<Presigned>) | null;
}
