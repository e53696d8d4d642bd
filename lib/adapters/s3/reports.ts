import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Body } from '../../ports/objects.ts';
import type { ReportStore } from '../../ports/reports.ts';
import type { S3Bucket } from './bucket.ts';

/** Long enough to fetch a large report, and no longer: whoever has the address can. */
const LINK_SEC = 900;
const LINES = { contentType: 'application/x-ndjson' } as const;

/** Reports in a bucket of their own. */
export class S3Reports implements ReportStore {
  readonly #bucket: S3Bucket;

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket;
  }

  async put(name: string, size: number, body: Body): Promise<void> {
    await this.#bucket.write(name, body, { size, like: { etag: '', size, lastModified: 0, headers: LINES, metadata: {} } });
  }

  async read(name: string): Promise<AsyncIterable<Uint8Array> | null> {
    const seen = await this.#bucket.head(name);
    if (!seen.present) return null;
    const { body } = await this.#bucket.read(name, seen.sight);
    return body instanceof Uint8Array ? once(body) : body;
  }

  link(name: string): Promise<string> {
    const { name: Bucket, connection } = this.#bucket;
    return getSignedUrl(connection.client, new GetObjectCommand({ Bucket, Key: name }), { expiresIn: LINK_SEC });
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
