/** Many small objects, each of its own bytes, so that a copy under the wrong key is seen. */
import { createHash } from 'node:crypto';
import type { S3Bucket } from '../../../lib/adapters/s3/index.ts';
import type { Sight } from '../../../lib/core/objects/sight.ts';

export const OBJECT_BYTES = 4096;
const AT_ONCE = 64;

/** Spread over a hundred "folders". */
export function keyOf(index: number): string {
  return `d${index % 100}/k${index}`;
}

export function bytesOf(key: string): Buffer {
  return Buffer.alloc(OBJECT_BYTES, `${key}\n`);
}

export function etagOf(key: string): string {
  return createHash('md5').update(bytesOf(key)).digest('hex');
}

/** As HEAD would tell of it. */
export function sightOf(key: string): Sight {
  return { etag: etagOf(key), size: OBJECT_BYTES, lastModified: 0, headers: { contentType: 'application/octet-stream' }, metadata: {} };
}

/** Runs `act` for 0 to count - 1, `atOnce` at a time. */
export async function forEachOf(count: number, atOnce: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

export async function fill(bucket: S3Bucket, count: number): Promise<void> {
  await forEachOf(count, AT_ONCE, (index) => putOne(bucket, keyOf(index)));
}

export async function putOne(bucket: S3Bucket, key: string): Promise<void> {
  await bucket.write(key, bytesOf(key), { size: OBJECT_BYTES, like: sightOf(key) });
}

/** @throws Error unless the bucket holds exactly the first `count` objects, each with its own bytes by etag */
export async function requireAll(bucket: S3Bucket, count: number, who: string): Promise<void> {
  const missing = new Set(Array.from({ length: count }, (_, index) => keyOf(index)));
  let token: string | undefined;
  do {
    const page = await bucket.list(token === undefined ? {} : { token });
    for (const { key, etag } of page.objects) {
      if (!missing.delete(key)) throw new Error(`${who} left ${key}, which was not asked for or came twice`);
      if (etag !== etagOf(key)) throw new Error(`${who} copied ${key} as etag ${etag}, expected ${etagOf(key)}`);
    }
    token = page.next;
  } while (token !== undefined);
  if (missing.size > 0) throw new Error(`${who} left out ${missing.size} of ${count} objects, such as ${[...missing][0]}`);
}
