/** Copies that the store makes by itself. */
import { PreconditionFailedError, TidemarkError } from '../../../lib/core/errors.ts';
import type { CopyRequest, ServerSideCopy, UploadPart, Written } from '../../../lib/ports/objects.ts';
import type { Network } from '../network.ts';
import type { Actor } from '../scheduler.ts';
import { type Bucket, etagOf, type Version } from './bucket.ts';
import { conditionText, contentOf } from './store.ts';
import type { Upload } from './uploads.ts';

/** Of a store that reads what it copies in one moment and writes it in a later one. */
export interface SlowCopies {
  /** A copy that is begun now has neither a lease nor a record behind it. */
  readonly isUnguarded: (key: string) => boolean;
}

export class ModelServerSide implements ServerSideCopy {
  readonly #source: Bucket;
  readonly #destination: Bucket;
  readonly #network: Network;
  readonly #actor: Actor;
  readonly #poisoned: (key: string) => boolean;
  readonly #slow: SlowCopies | null;

  constructor(
    source: Bucket,
    destination: Bucket,
    network: Network,
    actor: Actor,
    poisoned: (key: string) => boolean,
    slow: SlowCopies | null = null,
  ) {
    this.#slow = slow;
    this.#source = source;
    this.#destination = destination;
    this.#network = network;
    this.#actor = actor;
    this.#poisoned = poisoned;
  }

  copy(request: CopyRequest): Promise<Written> {
    const read = this.#slow ? this.#readBefore(request) : () => this.#pinned(request);
    const unguarded = this.#slow?.isUnguarded(request.key) ? ({ unguarded: true } as const) : {};
    const takesMs = this.#slow ? this.#network.random.pick([0, 0, 500, 2_000]) : 0;
    const copy = (): Written => {
      this.#refusePoison(request.key);
      const { versionId: _other, ...version } = read();
      const condition = this.#destination.traits.conditionalCopy ? request.condition : undefined;
      return this.#destination.writtenOf(
        this.#destination.put(
          request.key,
          { ...version, ...unguarded, lastModified: this.#network.scheduler.now + this.#destination.skewMs },
          condition,
        ),
      );
    };
    return this.#call(request, `copy ${request.key}${conditionText(request.condition)}`, copy, takesMs);
  }

  startUpload(request: CopyRequest): Promise<{ uploadId: string }> {
    return this.#call(request, `start upload ${request.key}`, () => {
      this.#refusePoison(request.key);
      this.#destination.assertThere();
      const uploadId = this.#destination.uploads.nextId();
      const { meta, tags } = contentOf(request.sight);
      const source = this.#source.current(request.sourceKey);
      const asObserved = source !== null && this.#source.etagOf(source.label) === request.sight.etag && source.meta === meta;
      this.#destination.uploads.byId.set(uploadId, { meta, tags, stamp: asObserved ? source.stamp : null, parts: new Map() });
      return { uploadId };
    });
  }

  copyPart(request: CopyRequest, uploadId: string, number: number, range: { readonly start: number; readonly end: number }): Promise<UploadPart> {
    return this.#call(request, `copy part ${number} of ${request.key}`, () => {
      const version = this.#pinned(request);
      this.#upload(uploadId).parts.set(number, version);
      return { number, etag: `${etagOf(version.label)}/${number}`, size: range.end - range.start + 1 };
    });
  }

  completeUpload(request: CopyRequest, uploadId: string, parts: readonly UploadPart[]): Promise<Written> {
    return this.#call(request, `complete upload ${request.key}${conditionText(request.condition)}`, () => {
      const upload = this.#upload(uploadId);
      const labels = new Set<string>();
      let stamp = upload.stamp ?? -1;
      for (const part of parts) {
        const version = upload.parts.get(part.number);
        if (!version || `${etagOf(version.label)}/${part.number}` !== part.etag) throw new TidemarkError('REJECTED', 'InvalidPart');
        labels.add(version.label);
        if (upload.stamp === null) stamp = Math.max(stamp, version.stamp);
      }
      const content = {
        ...upload,
        stamp,
        label: [...labels].join('+'),
        size: request.sight.size,
        lastModified: this.#network.scheduler.now + this.#destination.skewMs,
      };
      const condition = this.#destination.traits.conditionalPut ? request.condition : undefined;
      const written = this.#destination.put(request.key, content, condition);
      this.#destination.uploads.byId.delete(uploadId);
      return { etag: this.#destination.etagOf(written.label), versionId: written.versionId };
    });
  }

  listParts(key: string, uploadId: string): Promise<readonly UploadPart[] | null> {
    return this.#network.call(this.#actor, `${this.#destination.name}.list parts of ${key}`, () => {
      const upload = this.#destination.uploads.byId.get(uploadId);
      if (!upload) return null;
      return [...upload.parts].map(([number, version]) => ({
        number,
        etag: `${etagOf(version.label)}/${number}`,
        size: partSize(number, version.size),
      }));
    });
  }

  abortUpload(key: string, uploadId: string): Promise<void> {
    return this.#network.call(this.#actor, `${this.#destination.name}.abort upload of ${key}`, () => {
      this.#destination.uploads.byId.delete(uploadId);
    });
  }

  #call<T>(request: CopyRequest, what: string, effect: () => T, takesMs = 0): Promise<T> {
    const { name, unreachable } = this.#destination;
    return this.#network.call(this.#actor, `${name}.${what}`, effect, request.signal, unreachable, takesMs);
  }

  /** What the source held a while before the copy is written: the store does not copy in one moment. */
  #readBefore(request: CopyRequest): () => Version {
    let read: (() => Version) | undefined;
    const { scheduler, random } = this.#network;
    scheduler.after(random.between(1, 30), () => {
      try {
        const then = this.#pinned(request);
        read = () => then;
      } catch (error) {
        read = () => {
          throw error;
        };
      }
    });
    return () => (read ? read() : this.#pinned(request));
  }

  /** CopySourceIfMatch: pinned by etag, never by version, so that an old version that still exists is no match (trap 39). */
  #pinned(request: CopyRequest): Version {
    this.#source.assertThere();
    this.#destination.assertThere();
    const version = this.#source.current(request.sourceKey);
    if (!version || this.#source.etagOf(version.label) !== request.sight.etag) throw new PreconditionFailedError('source', request.key);
    return version;
  }

  #upload(uploadId: string): Upload {
    const upload = this.#destination.uploads.byId.get(uploadId);
    if (!upload) throw new TidemarkError('REJECTED', 'NoSuchUpload');
    return upload;
  }

  #refusePoison(key: string): void {
    if (this.#poisoned(key)) throw new TidemarkError('REJECTED', 'this key is refused');
  }
}

const PART_BYTES = 16 * 1024 * 1024;

function partSize(number: number, size: number): number {
  return Math.min(PART_BYTES, size - (number - 1) * PART_BYTES);
}
