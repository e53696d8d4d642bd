/** The requests around a multipart upload; those that carry bytes are in calls.ts. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import type { Sight } from '../../core/objects/sight.ts';
import type { Condition, UploadPart, Written } from '../../ports/objects.ts';
import type { Place } from './calls.ts';
import { copySource, quoted, unquoted } from './encoding.ts';
import { attempt } from './errors.ts';
import { withHeaders } from './extra-headers.ts';
import { conditionFields, expiresHeader, propertiesOf } from './properties.ts';
import { writtenOf } from './sight.ts';
import type { StorageFields } from './storage-fields.ts';

/** Both ends inclusive, in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export class Multipart {
  readonly #client: S3Client;
  readonly #storage: StorageFields;

  constructor(client: S3Client, storage: StorageFields) {
    this.#client = client;
    this.#storage = storage;
  }

  /**
   * Headers, metadata, tags and class of the object are fixed here; the parts bring none.
   * No checksum algorithm is named: AWS then keeps a full-object CRC64NVME, and minio would demand one with each part.
   */
  create({ bucket, key }: Place, like: Sight, signal?: AbortSignal): Promise<string> {
    return this.#storage.keep(bucket, like, (keptAs) =>
      attempt({ operation: 'CreateMultipartUpload', bucket, key, side: 'destination' }, signal, async () => {
        const command = new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ...propertiesOf(like), ...keptAs });
        const { UploadId } = await this.#client.send(withHeaders(command, expiresHeader(like)), { ...(signal && { abortSignal: signal }) });
        if (!UploadId) throw new TidemarkError('REJECTED', 'CreateMultipartUpload was answered without an upload id', { bucket, key });
        return UploadId;
      }),
    );
  }

  /** @throws PreconditionFailedError side `source` when the source is no longer the pinned one, `destination` when the upload is gone */
  copyPart(to: Place, uploadId: string, number: number, source: Place, etag: string, range: ByteRange, signal?: AbortSignal): Promise<UploadPart> {
    return attempt({ operation: 'UploadPartCopy', ...to, side: 'source' }, signal, async () => {
      const command = new UploadPartCopyCommand({
        Bucket: to.bucket,
        Key: to.key,
        UploadId: uploadId,
        PartNumber: number,
        CopySource: copySource(source.bucket, source.key),
        CopySourceIfMatch: quoted(etag),
        CopySourceRange: `bytes=${range.start}-${range.end}`,
      });
      const { CopyPartResult } = await this.#client.send(command, { ...(signal && { abortSignal: signal }) });
      return { number, etag: unquoted(CopyPartResult?.ETag ?? ''), size: range.end - range.start + 1 };
    });
  }

  /** @throws PreconditionFailedError side `destination`: the condition does not hold, or the upload is gone */
  complete(
    { bucket, key }: Place,
    uploadId: string,
    parts: readonly Pick<UploadPart, 'number' | 'etag'>[],
    condition?: Condition,
    signal?: AbortSignal,
  ): Promise<Written> {
    return attempt({ operation: 'CompleteMultipartUpload', bucket, key, side: 'destination' }, signal, async () => {
      const inOrder = [...parts].sort((a, b) => a.number - b.number);
      const command = new CompleteMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: { Parts: inOrder.map(({ number, etag }) => ({ PartNumber: number, ETag: quoted(etag) })) },
        ...conditionFields(condition),
      });
      return writtenOf(await this.#client.send(command, { ...(signal && { abortSignal: signal }) }));
    });
  }

  /** Takes no signal: it is what cleans up after one. Aborting what is gone succeeds. */
  async abort({ bucket, key }: Place, uploadId: string): Promise<void> {
    try {
      await attempt({ operation: 'AbortMultipartUpload', bucket, key, side: 'destination' }, undefined, () =>
        this.#client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId })),
      );
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  }

  /** @returns null when the upload is gone */
  async listParts({ bucket, key }: Place, uploadId: string): Promise<readonly UploadPart[] | null> {
    const parts: UploadPart[] = [];
    let marker: string | undefined;
    try {
      do {
        const command = new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker });
        const answer = await attempt({ operation: 'ListParts', bucket, key, side: 'destination' }, undefined, () => this.#client.send(command));
        for (const { PartNumber = 0, ETag = '', Size = 0 } of answer.Parts ?? [])
          parts.push({ number: PartNumber, etag: unquoted(ETag), size: Size });
        marker = answer.IsTruncated ? answer.NextPartNumberMarker : undefined;
      } while (marker !== undefined);
      return parts;
    } catch (error) {
      if (error instanceof PreconditionFailedError) return null;
      throw error;
    }
  }
}
