/**
 * A route's destination prefix: the destination as the rest of the system sees it, under the source's keys.
 * Whoever plans, records and compares knows one key; what it is called at the destination is known here alone.
 */
import { PreconditionFailedError, TidemarkError } from '../core/errors.ts';
import { ABSENT, type Observation, type Sight } from '../core/objects/sight.ts';
import { destinationKey } from '../core/routes/route.ts';
import type {
  Body,
  Capabilities,
  CopyRequest,
  ListOptions,
  ListPage,
  RegionStore,
  ServerSideCopy,
  UploadPart,
  WriteOptions,
  Written,
} from '../ports/objects.ts';

/** Of UTF-8; no store holds more. */
const MAX_KEY_BYTES = 1024;

class KeysBelow {
  readonly destinationPrefix: string;

  constructor(destinationPrefix: string) {
    this.destinationPrefix = destinationPrefix;
  }

  /** @returns null for a key that is too long with the prefix before it */
  find(key: string): string | null {
    const mapped = destinationKey(this, key);
    return Buffer.byteLength(mapped, 'utf8') > MAX_KEY_BYTES ? null : mapped;
  }

  /** @throws TidemarkError KEY_NOT_STORABLE */
  of(key: string): string {
    const mapped = this.find(key);
    if (mapped !== null) return mapped;
    const message = `with the route's destinationPrefix before it, the key is longer than ${MAX_KEY_BYTES.toLocaleString('en')} bytes`;
    throw new TidemarkError('KEY_NOT_STORABLE', message, { key });
  }
}

export class StoreBelowPrefix implements RegionStore {
  readonly #store: RegionStore;
  readonly #keys: KeysBelow;

  constructor(store: RegionStore, destinationPrefix: string) {
    this.#store = store;
    this.#keys = new KeysBelow(destinationPrefix);
  }

  get provesIdentity(): boolean {
    return this.#store.provesIdentity;
  }

  /** What cannot be there is absent, like any key that the bucket does not hold. */
  async head(key: string, options?: { readonly tags?: boolean }): Promise<Observation> {
    const mapped = this.#keys.find(key);
    if (mapped !== null) return this.#store.head(mapped, options);
    await this.#store.check();
    return ABSENT;
  }

  async read(key: string, pin: { readonly etag: string }, signal?: AbortSignal): Promise<{ readonly sight: Sight; readonly body: Body }> {
    const mapped = this.#keys.find(key);
    if (mapped === null) throw new PreconditionFailedError('source', key);
    return this.#store.read(mapped, pin, signal);
  }

  async write(key: string, body: Body, options: WriteOptions): Promise<Written> {
    return this.#store.write(this.#keys.of(key), body, options);
  }

  async remove(key: string, options?: { readonly condition?: { readonly ifMatch: string }; readonly signal?: AbortSignal }): Promise<void> {
    const mapped = this.#keys.find(key);
    return mapped === null ? this.#store.check() : this.#store.remove(mapped, options);
  }

  async putTags(key: string, tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    return this.#store.putTags(this.#keys.of(key), tags, signal);
  }

  capabilities(): Promise<Capabilities> {
    return this.#store.capabilities();
  }

  check(): Promise<void> {
    return this.#store.check();
  }

  /** What lies elsewhere in the bucket belongs to others, and is not there for this route. */
  async list({ prefix = '', token, startAfter, limit }: ListOptions): Promise<ListPage> {
    const { destinationPrefix } = this.#keys;
    const { objects, next } = await this.#store.list({
      prefix: destinationPrefix + prefix,
      ...(token === undefined ? {} : { token }),
      ...(startAfter === undefined ? {} : { startAfter: destinationPrefix + startAfter }),
      ...(limit === undefined ? {} : { limit }),
    });
    const ours = objects.flatMap((object) => {
      // A key that is the prefix itself is no key of the source.
      const isOurs = object.key.startsWith(destinationPrefix) && object.key !== destinationPrefix;
      return isOurs ? [{ ...object, key: object.key.slice(destinationPrefix.length) }] : [];
    });
    return { objects: ours, ...(next === undefined ? {} : { next }) };
  }
}

/** Only the destination's key is another one; the source is copied from its own. */
export class CopyBelowPrefix implements ServerSideCopy {
  readonly #copier: ServerSideCopy;
  readonly #keys: KeysBelow;

  constructor(copier: ServerSideCopy, destinationPrefix: string) {
    this.#copier = copier;
    this.#keys = new KeysBelow(destinationPrefix);
  }

  async copy(request: CopyRequest): Promise<Written> {
    return this.#copier.copy(this.#below(request));
  }

  async startUpload(request: CopyRequest): Promise<{ readonly uploadId: string }> {
    return this.#copier.startUpload(this.#below(request));
  }

  async copyPart(
    request: CopyRequest,
    uploadId: string,
    number: number,
    range: { readonly start: number; readonly end: number },
  ): Promise<UploadPart> {
    return this.#copier.copyPart(this.#below(request), uploadId, number, range);
  }

  async completeUpload(request: CopyRequest, uploadId: string, parts: readonly UploadPart[]): Promise<Written> {
    return this.#copier.completeUpload(this.#below(request), uploadId, parts);
  }

  async listParts(key: string, uploadId: string): Promise<readonly UploadPart[] | null> {
    return this.#copier.listParts(this.#keys.of(key), uploadId);
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    return this.#copier.abortUpload(this.#keys.of(key), uploadId);
  }

  #below(request: CopyRequest): CopyRequest {
    return { ...request, key: this.#keys.of(request.key) };
  }
}
