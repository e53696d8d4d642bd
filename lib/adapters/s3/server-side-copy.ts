/** Copies that the store makes by itself. Pinned by etag and never by version: an old version could still be copied (trap 39). */
import type { CopyRequest, ServerSideCopy, UploadPart, Written } from '../../ports/objects.ts';
import type { S3Bucket } from './bucket.ts';
import type { Place } from './calls.ts';

export class S3ServerSideCopy implements ServerSideCopy {
  readonly #source: S3Bucket;
  readonly #destination: S3Bucket;

  /** Every request goes to the destination's region, as AWS wants it. */
  constructor(source: S3Bucket, destination: S3Bucket) {
    this.#source = source;
    this.#destination = destination;
  }

  async copy(request: CopyRequest): Promise<Written> {
    const { key, signal } = request;
    const sight = this.#destination.asKept(request.sight);
    await this.#destination.guardKey(key);
    const condition = request.condition && (await this.#destination.honoured(request.condition, 'conditionalCopy'));
    const replaceMetadata = sight.headers.expires !== undefined && (await this.#destination.copyDropsExpires());
    return this.#destination.connection.calls.copy(this.#to(key), { source: this.#from(request), sight, replaceMetadata, condition, signal });
  }

  /** Parts bring neither metadata nor tags, so the upload is given those of the sight. */
  async startUpload(request: CopyRequest): Promise<{ readonly uploadId: string }> {
    const { key, signal } = request;
    const sight = this.#destination.asKept(request.sight);
    await this.#destination.guardKey(key);
    return { uploadId: await this.#destination.connection.multipart.create(this.#to(key), sight, signal) };
  }

  copyPart(request: CopyRequest, uploadId: string, number: number, range: { readonly start: number; readonly end: number }): Promise<UploadPart> {
    const { key, sight, signal } = request;
    return this.#destination.connection.multipart.copyPart(this.#to(key), uploadId, number, this.#from(request), sight.etag, range, signal);
  }

  async completeUpload(request: CopyRequest, uploadId: string, parts: readonly UploadPart[]): Promise<Written> {
    const { key, signal } = request;
    const condition = request.condition && (await this.#destination.honoured(request.condition, 'conditionalPut'));
    return this.#destination.connection.multipart.complete(this.#to(key), uploadId, parts, condition, signal);
  }

  listParts(key: string, uploadId: string): Promise<readonly UploadPart[] | null> {
    return this.#destination.connection.multipart.listParts(this.#to(key), uploadId);
  }

  abortUpload(key: string, uploadId: string): Promise<void> {
    return this.#destination.connection.multipart.abort(this.#to(key), uploadId);
  }

  #from(request: CopyRequest): Place {
    return { bucket: this.#source.name, key: request.sourceKey };
  }

  #to(key: string): Place {
    return { bucket: this.#destination.name, key };
  }
}
