/** One large object of bytes that do not repeat, made and hashed without being held. */
import { createCipheriv, createHash } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { S3Bucket } from '../../../lib/adapters/s3/index.ts';
import type { Sight } from '../../../lib/core/objects/sight.ts';
import type { S3Server } from '../../fixtures/s3-servers.ts';

const CHUNK_BYTES = 1024 * 1024;

/** The same bytes for the same size. */
export function* bytesOf(size: number): Generator<Buffer> {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'tidemark'), Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  for (let left = size; left > 0; left -= CHUNK_BYTES) yield stream.update(left < CHUNK_BYTES ? zeros.subarray(0, left) : zeros);
}

/** hex */
export function sha256Of(size: number): string {
  const hash = createHash('sha256');
  for (const chunk of bytesOf(size)) hash.update(chunk);
  return hash.digest('hex');
}

export async function putLarge(bucket: S3Bucket, key: string, size: number): Promise<Sight> {
  const like: Sight = { etag: '', size, lastModified: 0, headers: { contentType: 'application/octet-stream' }, metadata: {} };
  await bucket.write(key, asynchronous(bytesOf(size)), { size, like });
  const seen = await bucket.head(key);
  if (!seen.present) throw new Error(`${key} is not there after it was written`);
  return seen.sight;
}

async function* asynchronous(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
}

/** Read back by the SDK's own client, which shares nothing with what is measured. @returns hex */
export async function sha256At({ admin }: S3Server, bucket: string, key: string): Promise<string> {
  const { Body } = await admin.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (!Body) throw new Error(`${key} came without a body`);
  return sha256Through(Body.transformToWebStream());
}

/** @returns hex */
export async function sha256Through(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
