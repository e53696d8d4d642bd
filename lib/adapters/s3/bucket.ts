/** A region's objects in a bucket of S3 or of a store that speaks S3. */
import { randomUUID } from 'node:crypto';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import { compareUtf8 } from '../../core/objects/byte-order.ts';
import { MAX_KEY_BYTES } from '../../core/objects/key.ts';
import { ABSENT, type Observation, type Sight } from '../../core/objects/sight.ts';
import type { Body, Capabilities, Condition, ListOptions, ListPage, RegionStore, Written } from '../../ports/objects.ts';
import type { Framing, GetRequest, Got, Place } from './calls.ts';
import { type Probed, probeOnce } from './capabilities.ts';
import type { S3Connection } from './connection.ts';
import { attempt } from './errors.ts';
import { namesFoldedAway } from './folded-keys.ts';
import { findFraming } from './framing.ts';
import { restoreVersion } from './restore-version.ts';
import { readTags, writeTags } from './tags.ts';
import { removeUndoably } from './undone-delete.ts';
import { type UploadOptions, upload } from './upload.ts';

/** Looks again when an object was replaced between the question for it and the question for its tags. */
const MAX_LOOKS = 5;
const ASK_AGAIN_MS = 1_000;

type ConditionalWrite = 'conditionalPut' | 'conditionalCopy' | 'conditionalDelete';

export class S3Bucket implements RegionStore {
  readonly name: string;
  readonly provesIdentity = false;
  readonly connection: S3Connection;
  #probed: Promise<Probed> | undefined;
  #known: Probed | undefined;
  #askAgainAt = 0;
  #framing: Promise<Framing | undefined> | undefined;

  constructor(connection: S3Connection, name: string) {
    this.connection = connection;
    this.name = name;
  }

  async head(key: string, options: { readonly tags?: boolean; readonly signal?: AbortSignal } = {}): Promise<Observation> {
    if (await this.#cannotHold(key)) {
      await this.check(options.signal);
      return ABSENT;
    }
    const sight = await this.#look(key, options.signal);
    if (sight === null) return ABSENT;
    return options.tags ? this.#lookAtTags(key, sight) : { present: true, sight };
  }

  async read(key: string, pin: { readonly etag: string }, signal?: AbortSignal): Promise<{ readonly sight: Sight; readonly body: Body }> {
    const got = await this.open(key, { etag: pin.etag, signal });
    if (!got) throw new PreconditionFailedError('source', key);
    return got;
  }

  /** @returns null where the store says that there is no such key @throws PreconditionFailedError side `source` */
  async open(key: string, request: GetRequest): Promise<Got | null> {
    if (await this.#cannotHold(key)) throw new PreconditionFailedError('source', key);
    const got = await this.connection.calls.get(this.#at(key), request);
    return got && { ...got, sight: this.#counted(got.sight) };
  }

  async write(key: string, body: Body, options: UploadOptions): Promise<Written> {
    await this.guardKey(key);
    const { condition: wanted, confirm, like, ...rest } = options;
    const condition = wanted && (await this.honoured(wanted, 'conditionalPut'));
    const { calls, multipart } = this.connection;
    const held = { ...(condition ? { condition } : confirm && { confirm }) };
    return upload(this.#at(key), body, { ...rest, like: this.asKept(like), ...held }, calls, multipart);
  }

  async remove(key: string, options: { readonly condition?: { readonly ifMatch: string }; readonly signal?: AbortSignal } = {}): Promise<void> {
    // The store would remove another object.
    if (await this.#cannotHold(key)) return this.check();
    const condition = options.condition && (await this.honoured(options.condition, 'conditionalDelete'));
    if (condition && (await this.#probe()).undoesDeletes) return removeUndoably(this.connection, this.#at(key), condition.ifMatch, options.signal);
    await this.connection.calls.remove(this.#at(key), condition?.ifMatch, options.signal);
  }

  async putTags(key: string, tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    await this.guardKey(key);
    await writeTags(this.connection.client, this.#at(key), tags, signal);
  }

  async restore(key: string, version: { readonly versionId: string; readonly etag: string }, condition: Condition): Promise<Written> {
    await this.guardKey(key);
    const honoured = await this.honoured(condition, 'conditionalCopy');
    return restoreVersion(this.connection, this.#at(key), version, { condition: honoured, copyDropsExpires: await this.copyDropsExpires() });
  }

  async capabilities(): Promise<Capabilities> {
    return (await this.#probe()).capabilities;
  }

  /** See framing.ts; kept for the life of this process. */
  framing(): Promise<Framing | undefined> {
    this.#framing ??= findFraming(this.name, randomUUID(), this.connection.calls).catch((error: unknown) => {
      this.#framing = undefined;
      throw error;
    });
    return this.#framing;
  }

  async check(signal?: AbortSignal): Promise<void> {
    await attempt({ operation: 'HeadBucket', bucket: this.name, side: 'source' }, signal, () =>
      this.connection.client.send(new HeadBucketCommand({ Bucket: this.name }), { ...(signal && { abortSignal: signal }) }),
    );
  }

  async list(options: ListOptions): Promise<ListPage> {
    const { startAfter, ...others } = options;
    if (startAfter === undefined) return this.connection.calls.list(this.name, others);
    // Where the order is the store's own, so is what it leaves out: keys that are wanted may be among it.
    const { listsInOrder = false } = await this.capabilities();
    const asked = listsInOrder ? { ...others, startAfter: cutToKey(startAfter) } : others;
    const { objects, next } = await this.connection.calls.list(this.name, asked);
    const following = objects.filter(({ key }) => compareUtf8(key, startAfter) > 0);
    return { objects: following, ...(next === undefined ? {} : { next }) };
  }

  /** @throws TidemarkError KEY_NOT_STORABLE where this store would take the key for another one */
  async guardKey(key: string): Promise<void> {
    if (!(await this.#cannotHold(key))) return;
    throw new TidemarkError('KEY_NOT_STORABLE', 'the store drops empty, "." and ".." names from keys and would write to another object', {
      bucket: this.name,
      key,
    });
  }

  /**
   * A condition is sent where the store honours it in every case. Elsewhere it is left out, as the capabilities say:
   * half honoured, it would refuse for ever what must be written (versitygw takes a delete marker for an object).
   */
  async honoured<C extends Condition>(condition: C, by: ConditionalWrite): Promise<C | undefined> {
    return (await this.capabilities())[by] ? condition : undefined;
  }

  /** What is written like `sight`, in the class that the route asks for. */
  asKept(sight: Sight): Sight {
    const { storageClass } = this.connection.overrides;
    return storageClass === undefined ? sight : { ...sight, storageClass };
  }

  async copyDropsExpires(): Promise<boolean> {
    return (await this.#probe()).copyDropsExpires;
  }

  #at(key: string): Place {
    return { bucket: this.name, key };
  }

  async #cannotHold(key: string): Promise<boolean> {
    if (!namesFoldedAway(key)) return false;
    const { foldsKeys } = await this.#probe();
    return foldsKeys === 'unknown' ? !(await this.#lists(key)) : foldsKeys;
  }

  /** A listing names what is there as the store keeps it. */
  async #lists(key: string): Promise<boolean> {
    const { objects } = await this.connection.calls.list(this.name, { prefix: key });
    return objects.some((object) => object.key === key);
  }

  async #look(key: string, signal?: AbortSignal): Promise<Sight | null> {
    const answer = await this.connection.calls.head(this.#at(key), signal);
    if (answer.found) return this.#counted(answer.sight);
    // A missing bucket, too, answers 404 to every key.
    if (!answer.marker) await this.check(signal);
    return null;
  }

  /** A version has its own tags. Without versions, the object is looked at again: the tags may be those of its successor. */
  async #lookAtTags(key: string, first: Sight): Promise<Observation> {
    const { client } = this.connection;
    let sight = first;
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const pinned = sight.versionId !== undefined && sight.versionId !== 'null' ? sight.versionId : undefined;
      const tags = await readTags(client, this.#at(key), pinned).catch(whenGone);
      if (tags !== null && pinned !== undefined) return { present: true, sight: { ...sight, tags } };
      const again = await this.#look(key);
      if (again === null) return ABSENT;
      if (tags !== null && isSame(sight, again)) return { present: true, sight: { ...again, tags } };
      sight = again;
    }
    throw new PreconditionFailedError('source', key);
  }

  /** Saves asking every object without tags for them. */
  #counted(sight: Sight): Sight {
    return sight.tagCount === undefined && this.#known?.countsTags ? { ...sight, tagCount: 0 } : sight;
  }

  #probe(): Promise<Probed> {
    const { connection } = this;
    // A permission may be given later.
    if (this.#known?.capabilities.writable === false && Date.now() >= this.#askAgainAt) this.#probed = undefined;
    this.#probed ??= probeOnce(this.name, connection).then(
      (probed) => {
        this.#known = probed;
        this.#askAgainAt = Date.now() + ASK_AGAIN_MS;
        return probed;
      },
      (error: unknown) => {
        this.#probed = undefined;
        throw error;
      },
    );
    return this.#probed;
  }
}

function whenGone(error: unknown): null {
  if (error instanceof PreconditionFailedError) return null;
  throw error;
}

/** No store takes more than a key's length; what the shorter text lets through is left out afterwards. */
function cutToKey(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= MAX_KEY_BYTES) return text;
  let end = MAX_KEY_BYTES;
  // Never within a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

function isSame(a: Sight, b: Sight): boolean {
  return a.etag === b.etag && a.lastModified === b.lastModified && a.versionId === b.versionId;
}
