import { createHash } from 'node:crypto';
import { PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import { rangeHeader } from '../../core/gateway/range.ts';
import type { TableFile, TableFiles } from '../../ports/table-files.ts';
import type { S3Bucket } from './bucket.ts';

/** A table below a prefix of a bucket. The store itself decides, by `If-None-Match: *`, which of two writers makes a file. */
export class S3TableFiles implements TableFiles {
  readonly location: string;
  readonly #bucket: S3Bucket;
  readonly #prefix: string;

  /** @param prefix of keys, without slashes at its ends */
  constructor(bucket: S3Bucket, prefix: string) {
    this.#bucket = bucket;
    this.#prefix = `${prefix}/`;
    this.location = `s3://${bucket.name}/${prefix}`;
  }

  async get(name: string, part?: { readonly start: number; readonly end: number }): Promise<Uint8Array | null> {
    if (part && part.end <= part.start) return new Uint8Array();
    const range = part && rangeHeader({ first: part.start, last: part.end - 1 });
    try {
      const got = await this.#calls.get(this.#at(name), { range });
      if (!got) return null;
      // A store that knows no ranges sends all.
      const bytes = await whole(got.body);
      return part && !got.part ? bytes.subarray(part.start, part.end) : bytes;
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      // Absent, as the store tells it without saying of what: a bucket that is missing is no absence of a file.
      await this.#bucket.check();
      return null;
    }
  }

  /** @throws TidemarkError INVALID_CONFIG where the store keeps no conditions: two writers would overwrite each other's work */
  async put(name: string, bytes: Uint8Array, condition: 'absent' | 'any'): Promise<boolean> {
    if (condition === 'absent') await this.#demandConditions();
    const md5 = createHash('md5').update(bytes).digest('base64');
    const like = this.#bucket.asKept({
      etag: '',
      size: bytes.length,
      lastModified: 0,
      headers: { contentType: 'application/octet-stream' },
      metadata: {},
    });
    try {
      await this.#calls.put(this.#at(name), { bytes, md5, like, ...(condition === 'absent' ? { condition: { ifAbsent: true } } : {}) });
      return true;
    } catch (error) {
      if (condition === 'absent' && error instanceof PreconditionFailedError) return false;
      throw error;
    }
  }

  async *list(): AsyncGenerator<TableFile> {
    let token: string | undefined;
    do {
      const { objects, next } = await this.#calls.list(this.#bucket.name, { prefix: this.#prefix, ...(token === undefined ? {} : { token }) });
      for (const { key, size, lastModified } of objects) yield { name: key.slice(this.#prefix.length), bytes: size, modified: lastModified };
      token = next;
    } while (token !== undefined);
  }

  async remove(name: string): Promise<void> {
    await this.#calls.remove(this.#at(name));
  }

  async #demandConditions(): Promise<void> {
    if ((await this.#bucket.capabilities()).conditionalPut) return;
    throw new TidemarkError(
      'INVALID_CONFIG',
      `the store of ${this.location} does not honour If-None-Match, so that two writers could lose events: choose another store`,
      {
        bucket: this.#bucket.name,
      },
    );
  }

  get #calls(): S3Bucket['connection']['calls'] {
    return this.#bucket.connection.calls;
  }

  #at(name: string): { readonly bucket: string; readonly key: string } {
    return { bucket: this.#bucket.name, key: `${this.#prefix}${name}` };
  }
}

async function whole(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
