import { createHash } from 'node:crypto';
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { parsedHead, type SignedHead } from '../../core/audit/head.ts';
import { PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import type { AuditHeads } from '../../ports/audit.ts';
import type { S3Bucket } from './bucket.ts';
import { attempt } from './errors.ts';

const DIGITS = 15;
/** A listing begins with the smallest name: that of the longest chain. */
const LARGEST = 10 ** DIGITS - 1;
const READS_AT_ONCE = 16;
const LISTED_AT_ONCE = 1_000;

interface Name {
  readonly key: string;
  /** The oldest first. */
  readonly versions: (string | undefined)[];
}

/**
 * An object a head, in a bucket whose Object Lock keeps its versions. A lock keeps nobody from putting another version over one, or the marker
 * of a deletion; so what counts is the first version of each name. Nothing is tried out there, since what a trial leaves behind would be kept
 * as well; S3 itself keeps to the order and the condition that this needs.
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
    const at = { bucket: this.#bucket.name, key: this.#nameOf(head.length) };
    const like = { etag: '', size: bytes.length, lastModified: 0, headers: { contentType: 'application/json' }, metadata: {} };
    const md5 = createHash('md5').update(bytes).digest('base64');
    try {
      await this.#bucket.connection.calls.put(at, { bytes, md5, like, condition: { ifAbsent: true } });
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      // One of this length is there: nothing was appended meanwhile. Anything else was put there to keep this one out.
      const [there] = await this.page(head.length + 1, 1);
      if (there?.length === head.length) return;
      throw new TidemarkError('AUDIT_BROKEN', `what is no signed head has the place of the one of entry ${head.length}: ${at.key}`, at);
    }
  }

  async latest(): Promise<SignedHead | null> {
    return (await this.page(Number.POSITIVE_INFINITY, 1))[0] ?? null;
  }

  async page(before: number, limit: number): Promise<readonly SignedHead[]> {
    const found: SignedHead[] = [];
    let names: Name[] = [];
    const readAll = async (): Promise<void> => {
      found.push(...(await Promise.all(names.map((name) => this.#oldest(name)))).flatMap((head) => head ?? []));
      names = [];
    };
    for await (const name of this.#names(before, limit)) {
      names.push(name);
      if (names.length < Math.min(READS_AT_ONCE, limit - found.length)) continue;
      await readAll();
      if (found.length === limit) return found;
    }
    await readAll();
    return found;
  }

  /** Each name with all its versions, the longest chain first. Markers of deletions are passed over: a lock does not prevent them. */
  async *#names(before: number, limit: number): AsyncGenerator<Name> {
    const { name: Bucket, connection } = this.#bucket;
    // One more than is wanted shows that the one before it is whole.
    const asked = { Bucket, Prefix: this.#prefix, MaxKeys: Math.min(limit + 1, LISTED_AT_ONCE) };
    let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = before > LARGEST ? {} : { KeyMarker: this.#nameOf(before) };
    const listed: Name[] = [];
    for (let more = true; more; ) {
      const command = new ListObjectVersionsCommand({ ...asked, ...from });
      const listing = { operation: 'ListObjectVersions', bucket: Bucket, side: 'source' } as const;
      const {
        Versions = [],
        IsTruncated,
        NextKeyMarker,
        NextVersionIdMarker,
      } = await attempt(listing, undefined, () => connection.client.send(command));
      for (const { Key: key = '', VersionId } of Versions) {
        const last = listed.at(-1);
        // S3 lists the newest version of a name first.
        if (last?.key === key) last.versions.unshift(VersionId);
        else listed.push({ key, versions: [VersionId] });
      }
      // The next page may go on with the last one.
      yield* listed.splice(0, listed.length - 1);
      more = IsTruncated === true;
      from = { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker };
    }
    yield* listed;
  }

  /** What was put under this name first: whatever was put over it came later. What is no head at all hides none. */
  async #oldest({ key, versions }: Name): Promise<SignedHead | null> {
    for (const version of versions) {
      const head = parsedHead(await this.#read(key, version));
      if (head && this.#nameOf(head.length) === key) return head;
    }
    return null;
  }

  async #read(Key: string, VersionId: string | undefined): Promise<string> {
    const { name: Bucket, connection } = this.#bucket;
    const command = new GetObjectCommand({ Bucket, Key, VersionId });
    return attempt({ operation: 'GetObject', bucket: Bucket, key: Key, side: 'source' }, undefined, async () => {
      const { Body } = await connection.client.send(command);
      return (await Body?.transformToString()) ?? '';
    });
  }

  #nameOf(length: number): string {
    return `${this.#prefix}${String(LARGEST - length).padStart(DIGITS, '0')}.json`;
  }
}
