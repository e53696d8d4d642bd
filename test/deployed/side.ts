/** One bucket of a deployed pair, through the stock S3 client. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

export interface Properties {
  readonly headers?: {
    readonly ContentType?: string;
    readonly CacheControl?: string;
    readonly ContentDisposition?: string;
    readonly ContentEncoding?: string;
    readonly ContentLanguage?: string;
  };
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** All of an object that must be the same on both sides. Its etag need not be. */
export interface Stored {
  readonly body: Buffer;
  readonly headers: NonNullable<Properties['headers']>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export class Side {
  readonly client: S3Client;
  readonly bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.client = client;
    this.bucket = bucket;
  }

  /** @returns its etag, without quotes */
  async put(key: string, body: string | Buffer, properties: Properties = {}): Promise<string> {
    const sent = { Body: body, ContentLength: Buffer.byteLength(body), ...inputOf(properties) };
    const { ETag } = await this.client.send(new PutObjectCommand({ ...this.#at(key), ...sent }));
    return bare(ETag);
  }

  /** Each part is of 5 MiB or more, but the last. @returns its etag, without quotes */
  async putByParts(key: string, parts: readonly Buffer[], properties: Properties = {}): Promise<string> {
    const { UploadId } = await this.client.send(new CreateMultipartUploadCommand({ ...this.#at(key), ...inputOf(properties) }));
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await this.client.send(new UploadPartCommand({ ...this.#at(key), UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    const { ETag } = await this.client.send(new CompleteMultipartUploadCommand({ ...this.#at(key), UploadId, MultipartUpload: { Parts } }));
    return bare(ETag);
  }

  /** The bytes stay, and so does the etag. */
  async changeMetadata(key: string, metadata: Readonly<Record<string, string>>): Promise<void> {
    const CopySource = `${this.bucket}/${encodeURIComponent(key)}`;
    await this.client.send(new CopyObjectCommand({ ...this.#at(key), CopySource, MetadataDirective: 'REPLACE', Metadata: { ...metadata } }));
  }

  async changeTags(key: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await this.client.send(new PutObjectTaggingCommand({ ...this.#at(key), Tagging: { TagSet } }));
  }

  async delete(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.#at(key)));
  }

  /** @returns null where there is none; with the checksums that the store knows */
  head(key: string): Promise<HeadObjectCommandOutput | null> {
    return orNull(this.client.send(new HeadObjectCommand({ ...this.#at(key), ChecksumMode: 'ENABLED' })));
  }

  /** @returns null where there is none */
  async text(key: string): Promise<string | null> {
    const found = await orNull(this.client.send(new GetObjectCommand(this.#at(key))));
    return found?.Body ? found.Body.transformToString() : null;
  }

  /** @returns null where there is none, or it was replaced in between */
  async stored(key: string): Promise<Stored | null> {
    const found = await orNull(this.client.send(new GetObjectCommand(this.#at(key))));
    const tagging = found && (await orNull(this.client.send(new GetObjectTaggingCommand(this.#at(key)))));
    if (!found?.Body || !tagging) return null;
    const named = ['ContentType', 'CacheControl', 'ContentDisposition', 'ContentEncoding', 'ContentLanguage'] as const;
    return {
      body: Buffer.from(await found.Body.transformToByteArray()),
      headers: Object.fromEntries(named.flatMap((name) => (found[name] === undefined ? [] : [[name, found[name]]]))),
      metadata: found.Metadata ?? {},
      tags: Object.fromEntries((tagging.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    };
  }

  /** Of all objects below the prefix, in the store's order. */
  async keys(prefix: string = ''): Promise<readonly string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, ContinuationToken: token }));
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }

  /** How often an object was written under this key (`written`) and deleted (`deleted`), since the bucket is versioned. */
  async history(key: string): Promise<{ readonly written: number; readonly deleted: number }> {
    const { Versions = [], DeleteMarkers = [] } = await this.client.send(new ListObjectVersionsCommand({ Bucket: this.bucket, Prefix: key }));
    const ofKey = (entries: readonly { Key?: string | undefined }[]): number => entries.filter(({ Key }) => Key === key).length;
    return { written: ofKey(Versions), deleted: ofKey(DeleteMarkers) };
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: key };
  }
}

function inputOf({ headers = {}, metadata, tags }: Properties): { Metadata?: Record<string, string>; Tagging?: string } {
  return {
    ...headers,
    ...(metadata ? { Metadata: { ...metadata } } : {}),
    ...(tags ? { Tagging: new URLSearchParams(tags).toString() } : {}),
  };
}

function bare(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404 && error.name !== 'NoSuchBucket') return null;
    throw error;
  }
}
