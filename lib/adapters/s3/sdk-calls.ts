/** S3Calls by the AWS SDK. */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import type { Sight } from '../../core/objects/sight.ts';
import type { ListedObject, ListOptions, ListPage, Written } from '../../ports/objects.ts';
import { bodyOf } from './body.ts';
import type { GetRequest, Got, HeadAnswer, ObjectCopyRequest, PartRequest, Place, PutRequest, S3Calls, StoredPart } from './calls.ts';
import { copySource, decodeListedKey, quoted, unquoted } from './encoding.ts';
import { type Attempt, attempt, fromSdk } from './errors.ts';
import { withHeaders } from './extra-headers.ts';
import { nextOf } from './listing-end.ts';
import { conditionFields, expiresHeader, propertiesOf } from './properties.ts';
import { classOf, partOf, type SightFields, sightOf, writtenOf } from './sight.ts';
import type { StorageFields } from './storage-fields.ts';

export class SdkCalls implements S3Calls {
  readonly #client: S3Client;
  readonly #storage: StorageFields;

  constructor(client: S3Client, storage: StorageFields) {
    this.#client = client;
    this.#storage = storage;
  }

  async head({ bucket, key }: Place, signal?: AbortSignal): Promise<HeadAnswer> {
    const what: Attempt = { operation: 'HeadObject', bucket, key, side: 'source' };
    try {
      signal?.throwIfAborted();
      const command = new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' });
      const answer = await this.#client.send(command, { ...(signal && { abortSignal: signal }) });
      return { found: true, sight: seen(answer, what) };
    } catch (error) {
      if (error instanceof S3ServiceException && isAbsence(error)) return { found: false, marker: answeredByMarker(error) };
      throw fromSdk(error, what, signal);
    }
  }

  async get({ bucket, key }: Place, { etag, range, signal }: GetRequest): Promise<Got | null> {
    const what: Attempt = { operation: 'GetObject', bucket, key, side: 'source' };
    try {
      signal?.throwIfAborted();
      const pin = etag === undefined ? undefined : quoted(etag);
      const command = new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: pin, Range: range, ChecksumMode: 'ENABLED' });
      const answer = await this.#client.send(command, { ...(signal && { abortSignal: signal }) });
      const sight = seen(answer, what);
      const got = answer.$metadata.httpStatusCode === 206 ? partOf(sight, answer.ContentRange, what) : { sight };
      return { ...got, body: await bodyOf(answer.Body, sight.size, what, signal) };
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return null;
      throw fromSdk(error, what, signal);
    }
  }

  async put({ bucket, key }: Place, request: PutRequest): Promise<Written> {
    const { bytes, md5, like, condition, signal } = request;
    return this.#storage.keep(bucket, like, (keptAs) =>
      attempt({ operation: 'PutObject', bucket, key, side: 'destination' }, signal, async () => {
        const command = new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: bytes,
          ContentLength: bytes.length,
          ContentMD5: md5,
          ...propertiesOf(like),
          ...keptAs,
          ...sourceChecksum(like, bytes.length),
          ...conditionFields(condition),
        });
        const answer = await this.#client.send(withHeaders(command, expiresHeader(like)), { ...(signal && { abortSignal: signal }) });
        return writtenOf(answer);
      }),
    );
  }

  async putPart({ bucket, key }: Place, request: PartRequest): Promise<StoredPart> {
    const { uploadId, number, bytes, md5, signal } = request;
    return attempt({ operation: 'UploadPart', bucket, key, side: 'destination' }, signal, async () => {
      const command = new UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        Body: bytes,
        ContentLength: bytes.length,
        ContentMD5: md5,
      });
      // The signature covers Content-MD5, which covers the bytes: hashing them with SHA-256 as well would prove nothing more.
      const unsigned = withHeaders(command, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' });
      const answer = await this.#client.send(unsigned, { ...(signal && { abortSignal: signal }) });
      return writtenOf(answer);
    });
  }

  async copy({ bucket, key }: Place, request: ObjectCopyRequest): Promise<Written> {
    const { source, sight, replaceMetadata, condition, signal } = request;
    const what: Attempt = { operation: 'CopyObject', bucket, key, side: 'source', destinationCondition: condition !== undefined };
    return this.#storage.keep(bucket, sight, (keptAs) =>
      attempt(what, signal, async () => {
        const command = new CopyObjectCommand({
          Bucket: bucket,
          Key: key,
          CopySource: copySource(source.bucket, source.key),
          CopySourceIfMatch: quoted(sight.etag),
          TaggingDirective: 'COPY',
          ...(replaceMetadata ? { ...propertiesOf({ ...sight, tags: {} }), MetadataDirective: 'REPLACE' } : { MetadataDirective: 'COPY' }),
          // The one header that a copy never takes along.
          ...(sight.headers.websiteRedirectLocation !== undefined && { WebsiteRedirectLocation: sight.headers.websiteRedirectLocation }),
          ...keptAs,
          ...conditionFields(condition),
        });
        const headers = replaceMetadata ? expiresHeader(sight) : {};
        const answer = await this.#client.send(withHeaders(command, headers), { ...(signal && { abortSignal: signal }) });
        return writtenOf({ ...answer, ...answer.CopyObjectResult });
      }),
    );
  }

  async remove({ bucket, key }: Place, ifMatch?: string, signal?: AbortSignal): Promise<void> {
    const condition = ifMatch === undefined ? {} : { IfMatch: quoted(ifMatch) };
    await attempt({ operation: 'DeleteObject', bucket, key, side: 'destination' }, signal, async () => {
      try {
        await this.#client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, ...condition }), { ...(signal && { abortSignal: signal }) });
      } catch (error) {
        if (!(error instanceof S3ServiceException && error.name === 'NoSuchKey')) throw error;
      }
    });
  }

  async list(bucket: string, { prefix, token, startAfter, limit }: ListOptions): Promise<ListPage> {
    return attempt({ operation: 'ListObjectsV2', bucket, side: 'source' }, undefined, async () => {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        EncodingType: 'url',
        Prefix: prefix,
        ContinuationToken: token,
        StartAfter: startAfter,
        MaxKeys: limit,
      });
      const answer = await this.#client.send(command);
      // Not every store encodes when asked to; those that do say so.
      const decode = answer.EncodingType === 'url' ? decodeListedKey : (key: string): string => key;
      const objects = (answer.Contents ?? []).map((object): ListedObject => {
        const storageClass = classOf(object.StorageClass);
        return {
          key: decode(object.Key ?? ''),
          etag: unquoted(object.ETag ?? ''),
          size: object.Size ?? 0,
          // Whole seconds, as HEAD says it.
          lastModified: Math.floor((object.LastModified?.getTime() ?? 0) / 1000) * 1000,
          ...(storageClass === undefined ? {} : { storageClass }),
        };
      });
      return { objects, ...nextOf(answer.IsTruncated === true, answer.NextContinuationToken) };
    });
  }
}

function seen(answer: SightFields, { operation, ...fields }: Attempt): Sight {
  const sight = sightOf(answer);
  if (sight === null) throw new TidemarkError('REJECTED', `${operation} was answered without an etag; the object cannot be pinned`, fields);
  return sight;
}

/** The source's own checksum of the whole object: the store refuses bytes that differ, and both sides stay comparable. */
function sourceChecksum({ checksum, size }: Sight, length: number): Readonly<Record<string, string>> {
  return checksum?.type === 'FULL_OBJECT' && size === length ? { [`Checksum${checksum.algorithm}`]: checksum.value } : {};
}

function isAbsence({ $metadata, name }: S3ServiceException): boolean {
  // 405 answers for a delete marker that was asked for by its version.
  return name !== 'NoSuchBucket' && ($metadata.httpStatusCode === 404 || $metadata.httpStatusCode === 405);
}

function answeredByMarker({ $response }: S3ServiceException): boolean {
  return $response?.headers['x-amz-delete-marker'] === 'true';
}
