import { createHash } from 'node:crypto';
import { parsedHead, type SignedHead } from '../../core/audit/head.ts';
import { PreconditionFailedError } from '../../core/errors.ts';
import type { AuditHeads } from '../../ports/audit.ts';
import type { S3Bucket } from './bucket.ts';

const DIGITS = 15;
/** A listing begins with the smallest name: that of the longest chain. */
const LARGEST = 10 ** DIGITS - 1;
const READS_AT_ONCE = 16;

/**
 * An object a head, in a bucket whose Object Lock keeps them from being changed and deleted. Nothing is tried out there, since what a trial
 * leaves behind would be kept as well; S3 itself keeps to the order and the condition that this needs.
 */
export class S3AuditHeads implements AuditHeads {
  readonly #bucket: S3Bucket;
  readonly #prefix: string;

  /** @param chain tells the heads of one chain from those of another in the same bucket; without slashes */
  constructor(bucket: S3Bucket, chain: string) {
    this.#bucket = bucket;
    this.#prefix = `audit-heads/${chain}/`;
  }

  async put(head: SignedHead): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(head), 'utf8');
    const like = { etag: '', size: bytes.length, lastModified: 0, headers: { contentType: 'application/json' }, metadata: {} };
    const md5 = createHash('md5').update(bytes).digest('base64');
    try {
      await this.#calls.put(this.#at(this.#nameOf(head.length)), { bytes, md5, like, condition: { ifAbsent: true } });
    } catch (error) {
      // One of this length is there: nothing was appended meanwhile.
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  }

  async latest(): Promise<SignedHead | null> {
    return (await this.page(Number.POSITIVE_INFINITY, 1))[0] ?? null;
  }

  async page(before: number, limit: number): Promise<readonly SignedHead[]> {
    const names: string[] = [];
    const asked = { prefix: this.#prefix, limit, ...(before > LARGEST ? {} : { startAfter: this.#nameOf(before) }) };
    let token: string | undefined;
    do {
      const { objects, next } = await this.#calls.list(this.#bucket.name, { ...asked, ...(token === undefined ? {} : { token }) });
      names.push(...objects.map(({ key }) => key));
      token = next;
    } while (token !== undefined && names.length < limit);
    const found: SignedHead[] = [];
    for (let at = 0; at < Math.min(names.length, limit); at += READS_AT_ONCE) {
      const some = names.slice(at, Math.min(at + READS_AT_ONCE, limit));
      found.push(...(await Promise.all(some.map((name) => this.#read(name)))).flatMap((head) => head ?? []));
    }
    return found;
  }

  async #read(name: string): Promise<SignedHead | null> {
    const got = await this.#calls.get(this.#at(name), {});
    if (!got) return null;
    const { body } = got;
    const chunks: Uint8Array[] = [];
    if (body instanceof Uint8Array) chunks.push(body);
    else for await (const chunk of body) chunks.push(chunk);
    return parsedHead(Buffer.concat(chunks).toString('utf8'));
  }

  #nameOf(length: number): string {
    return `${this.#prefix}${String(LARGEST - length).padStart(DIGITS, '0')}.json`;
  }

  get #calls(): S3Bucket['connection']['calls'] {
    return this.#bucket.connection.calls;
  }

  #at(key: string): { readonly bucket: string; readonly key: string } {
    return { bucket: this.#bucket.name, key };
  }
}
