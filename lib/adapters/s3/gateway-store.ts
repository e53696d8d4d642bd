/** A bucket's objects as a gateway serves them. */
import { PreconditionFailedError } from '../../core/errors.ts';
import { parseRange, rangeHeader } from '../../core/gateway/range.ts';
import type { Observation, Sight } from '../../core/objects/sight.ts';
import type {
  GatewayStore,
  NotServed,
  Presigned,
  PresignRequest,
  PutOptions,
  ReadOptions,
  ServedBody,
  ServedObject,
  Stored,
} from '../../ports/gateway-store.ts';
import type { Body } from '../../ports/objects.ts';
import { hasConditions, judged, judgedRead, type Pin } from '../gateway/judged.ts';
import { receive } from '../gateway/receive.ts';
import { within } from '../gateway/within.ts';
import { conditionOf, demandKey, unlessInConflict } from '../gateway/writes.ts';
import type { S3Bucket } from './bucket.ts';
import type { Got } from './calls.ts';
import { presign } from './presign.ts';
import { isWorthPassing } from './upload.ts';

/** Less than the 20 s after which S3 gives up a silent request: it is the sender who is at fault then, not the region. */
const IDLE_MS = 15_000;

/**
 * Conditions of a read are judged on a look at the object (one more request), and those of a write once before its body is taken and
 * once by the store in the moment of the write. Where the store honours none (as probed), a second look right before the write takes its
 * place: two writers within that moment may both succeed. A single PUT hands the sender's checksum to a store that keeps checksums.
 */
export class S3GatewayStore implements GatewayStore {
  readonly #bucket: S3Bucket;
  readonly #idleMs: number;

  /** @param idleMs of silence within the body of a put */
  constructor(bucket: S3Bucket, idleMs: number = IDLE_MS) {
    this.#bucket = bucket;
    this.#idleMs = idleMs;
  }

  check(signal?: AbortSignal): Promise<void> {
    return this.#bucket.check(signal);
  }

  async head(key: string, options: ReadOptions = {}): Promise<ServedObject | NotServed> {
    demandKey(key);
    return judged(await this.#look(key, options.signal), options);
  }

  async get(key: string, options: ReadOptions = {}): Promise<ServedBody | NotServed> {
    demandKey(key);
    return (await this.#getAtOnce(key, options)) ?? this.#getJudged(key, options);
  }

  async put(key: string, body: Body, options: PutOptions): Promise<Stored> {
    demandKey(key);
    const { signal, size, beforeCommit } = options;
    const received = receive(body, options, this.#idleMs);
    const confirm = (): Promise<unknown> => conditionOf(key, options, () => this.#look(key, signal));
    const condition = await conditionOf(key, options, () => this.#look(key, signal));
    const like = await within(signal, () => this.#like(options));
    const kept = {
      like,
      shared: true,
      passOn: isWorthPassing(size ?? 0, options, condition) ? await within(signal, () => this.#bucket.framing()) : undefined,
      ...(size === undefined ? {} : { size }),
      ...(condition ? { condition, confirm } : {}),
      ...(signal ? { signal } : {}),
      ...(beforeCommit ? { beforeCommit } : {}),
    };
    const written = await unlessInConflict(key, condition, () => this.#bucket.write(key, received.body, kept));
    return { ...written, size: received.size() };
  }

  async remove(key: string, { ifMatch, signal }: { readonly ifMatch?: string; readonly signal?: AbortSignal } = {}): Promise<void> {
    demandKey(key);
    const condition = ifMatch === undefined ? undefined : await conditionOf(key, { ifMatch }, () => this.#look(key, signal));
    const held = condition && 'ifMatch' in condition ? { condition } : {};
    await unlessInConflict(key, condition, () => within(signal, () => this.#bucket.remove(key, { ...held, ...(signal ? { signal } : {}) })));
  }

  readonly presign = async (request: PresignRequest): Promise<Presigned> => {
    demandKey(request.key);
    if (request.op === 'put') await this.#bucket.guardKey(request.key);
    return presign(this.#bucket, request);
  };

  /** The usual case in one request. @returns null where what is asked for must be judged on a look first */
  async #getAtOnce(key: string, options: ReadOptions): Promise<ServedBody | NotServed | null> {
    if (hasConditions(options)) return null;
    const asked = parseRange(options.range);
    try {
      const got = await this.#open(key, { range: asked === null ? undefined : rangeHeader(asked) }, options.signal);
      return got ? { kind: 'object', ...got } : { kind: 'absent' };
    } catch (error) {
      // Absent as the store tells it without a code, or a range that it has not.
      if (error instanceof PreconditionFailedError) return null;
      throw error;
    }
  }

  #getJudged(key: string, options: ReadOptions): Promise<ServedBody | NotServed> {
    return judgedRead(
      key,
      options,
      () => this.#look(key, options.signal),
      async ({ etag, range }: Pin) => {
        const wanted = range && rangeHeader({ first: range.start, last: range.end });
        const got = await this.#open(key, { etag, range: wanted }, options.signal);
        // Taken for a part, the whole would be another's bytes.
        if (!got || (range && got.part?.start !== range.start)) throw new PreconditionFailedError('source', key);
        return got;
      },
    );
  }

  #open(key: string, request: { readonly etag?: string; readonly range?: string | undefined }, signal: AbortSignal | undefined): Promise<Got | null> {
    return within(signal, () => this.#bucket.open(key, { ...request, signal }));
  }

  #look(key: string, signal: AbortSignal | undefined): Promise<Observation> {
    return within(signal, () => this.#bucket.head(key, { ...(signal ? { signal } : {}) }));
  }

  async #like({ headers, metadata, checksum, size = 0 }: PutOptions): Promise<Sight> {
    const kept = checksum && (await this.#bucket.capabilities()).checksums;
    return { etag: '', size, lastModified: 0, headers, metadata, ...(kept ? { checksum: { ...checksum, type: 'FULL_OBJECT' } } : {}) };
  }
}
