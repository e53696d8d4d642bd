/** A region whose objects are files in a folder: plain ones under their keys, so that a person can drop and open them. */
import { PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import { compareUtf8 } from '../../core/objects/byte-order.ts';
import { ABSENT, type Observation, type Sight } from '../../core/objects/sight.ts';
import type { Body, Capabilities, ListOptions, ListPage, RegionStore, WriteOptions, Written } from '../../ports/objects.ts';
import type { Clock } from '../../ports/system.ts';
import type { Pin } from '../gateway/judged.ts';
import { commit, demand, removeFiles } from './committing.ts';
import { explained, systemCode } from './failures.ts';
import { etagOf, unsettledMs } from './identity.ts';
import { Listing, type Unnameable } from './listing.ts';
import { exclusively } from './locks.ts';
import { type DeviceOf, Mounts } from './mounts.ts';
import { isKey } from './names.ts';
import { locate, type Place, refuseLinks } from './place.ts';
import { bodyOf } from './reading.ts';
import { findHome, type Home, prepareHome } from './root.ts';
import { entryFor, entryOf, readSidecar, writeSidecar } from './sidecar.ts';
import { bareProperties, isBare, sightOf } from './sight.ts';
import { discard, stage } from './staging.ts';

export interface FolderOptions {
  readonly clock: Clock;
  /** ms that a file which someone else wrote must have been left alone before it is shown. @default 100 */
  readonly settleMs?: number;
  /** @default the device that the file system names */
  readonly deviceOf?: DeviceOf;
}

const DEFAULT_SETTLE_MS = 100;
/** A file that changes through this many waits is a copy under way; its end sends an event of its own. */
const MAX_WAITS = 10;
/** Objects written without a sidecar that are remembered as ours, so that a look right after the write need not wait. */
const REMEMBERED = 10_000;

/**
 * Conditions hold among all writers of this process. A person who writes in the moment between the last look and the rename is overwritten.
 * Make the folder with createRoot first. Not kept: storage class, checksums, versions.
 */
export class FolderBucket implements RegionStore {
  readonly path: string;
  readonly provesIdentity = true;
  readonly #clock: Clock;
  readonly #settleMs: number;
  readonly #mounts: Mounts;
  readonly #listing: Listing;
  readonly #written = new Map<string, string>();
  #onUnnameable: (found: Unnameable) => void = () => undefined;
  #home: Home | null = null;
  #expected: string | undefined;
  #prepared: string | null = null;

  /** @param path of the folder; it may be mounted later than this is made */
  constructor(path: string, options: FolderOptions) {
    this.path = path;
    this.#clock = options.clock;
    this.#settleMs = options.settleMs ?? DEFAULT_SETTLE_MS;
    this.#mounts = new Mounts(options.deviceOf);
    this.#listing = new Listing(this.#mounts, (found) => this.#onUnnameable(found));
  }

  async capabilities(): Promise<Capabilities> {
    return { writable: true, conditionalPut: true, conditionalCopy: false, conditionalDelete: true, tags: true, checksums: false, versioned: false };
  }

  async check(): Promise<void> {
    await explained({ folder: this.path }, () => this.#confirmed());
  }

  /** What its marker holds: tells this folder from another one that is put in its place. */
  async id(): Promise<string> {
    return explained({ folder: this.path }, async () => {
      const root = await this.#confirmed();
      return this.#home?.id ?? root;
    });
  }

  /** Lets no folder but the one of this id stand here, while none was seen yet. */
  expect(id: string): void {
    this.#expected ??= id;
  }

  /** Tells once per listing, at its end, of files that can be no objects. The last listener alone is told. */
  tellUnnameable(listener: (found: Unnameable) => void): void {
    this.#onUnnameable = listener;
  }

  /** Remembers a directory (relative to the root) that is a mount point: while it is not mounted, the folder is not believed. */
  async noteMount(directory: string): Promise<void> {
    await explained({ folder: this.path }, async () => this.#mounts.learn(await this.#confirmed(), directory));
  }

  async head(key: string, options: { readonly tags?: boolean } = {}): Promise<Observation> {
    return this.#at(key, async (root) => {
      for (let waits = 0; waits <= MAX_WAITS; ) {
        const place = await locate(root, key);
        if (!place) {
          await this.#confirmAbsence(root, key);
          return ABSENT;
        }
        const own = entryOf(await readSidecar(root, key), place.stat);
        if (own) return { present: true, sight: sightOf(place, own, options.tags) };
        const wait = this.#written.get(key) === etagOf(place.stat) ? 0 : unsettledMs(place.stat, this.#clock.now(), this.#settleMs);
        if (wait > 0) {
          waits++;
          await this.#clock.sleep(wait);
        } else if (await isStill(root, key, place)) {
          return { present: true, sight: sightOf(place, bareProperties(key), options.tags) };
        }
      }
      throw new TidemarkError('UNAVAILABLE', 'the file is still being written', { key });
    });
  }

  async read(key: string, { etag, range }: Pin, signal?: AbortSignal): Promise<{ readonly sight: Sight; readonly body: Body }> {
    return this.#at(key, async (root) => {
      const place = await locate(root, key);
      if (!place) await this.#confirmAbsence(root, key);
      if (!place || etagOf(place.stat) !== etag) throw new PreconditionFailedError('source', key);
      const own = entryOf(await readSidecar(root, key), place.stat);
      // Without an entry: either the file has none, or it was replaced since, and the entry with it.
      if (!own && !(await isStill(root, key, place))) throw new PreconditionFailedError('source', key);
      return { sight: sightOf(place, own ?? bareProperties(key), false), body: await bodyOf(key, place, range, signal) };
    });
  }

  /** @param options.size absent where it is not known before the end of the body */
  async write(key: string, body: Body, options: Omit<WriteOptions, 'size'> & { readonly size?: number }): Promise<Written> {
    return this.#at(key, async () => {
      const root = await this.#confirmed();
      options.signal?.throwIfAborted();
      const staged = await stage(root, body, options.size, this.#clock, options.signal);
      const { headers, metadata, tags = {} } = options.like;
      const properties = { headers: { ...headers }, metadata, tags, md5: staged.md5 };
      const bare = isBare(key, properties);
      try {
        await exclusively(`${root}\0${key}`, () => commit(root, key, staged, bare ? null : properties, options));
      } catch (error) {
        await discard(staged.path);
        throw error;
      }
      const etag = etagOf(staged.stat);
      if (bare) this.#remember(key, etag);
      return { etag, md5: staged.md5 };
    });
  }

  async remove(key: string, options: { readonly condition?: { readonly ifMatch: string }; readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#at(key, async () => {
      const root = await this.#confirmed();
      await exclusively(`${root}\0${key}`, async () => {
        const place = await locate(root, key);
        if (place) demand(options.condition, place, key);
        options.signal?.throwIfAborted();
        if (place) await removeFiles(root, key, place);
        else await this.#confirmed();
      });
    });
  }

  async putTags(key: string, tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    await this.#at(key, async () => {
      const root = await this.#confirmed();
      await exclusively(`${root}\0${key}`, async () => {
        const place = await locate(root, key);
        if (!place) throw new PreconditionFailedError('destination', key);
        signal?.throwIfAborted();
        const own = entryOf(await readSidecar(root, key), place.stat) ?? bareProperties(key);
        await writeSidecar(root, key, [entryFor(place.stat, { ...own, tags })]);
      });
    });
  }

  async list({ prefix = '', token, startAfter }: ListOptions): Promise<ListPage> {
    return explained({ folder: this.path }, async () => {
      const page = await this.#listing.page(await this.#confirmed(), prefix, token);
      // A folder that was unmounted on the way looks empty from there on.
      await this.#confirmed();
      return startAfter === undefined ? page : { ...page, objects: page.objects.filter(({ key }) => compareUtf8(key, startAfter) > 0) };
    });
  }

  /** Runs an act on a key. A failure of the system is first explained by the folder as a whole. */
  async #at<T>(key: string, act: (root: string) => Promise<T>): Promise<T> {
    if (!isKey(key)) throw new TidemarkError('KEY_NOT_STORABLE', 'a key is 1 to 1,024 bytes of UTF-8', { key });
    return explained({ folder: this.path, key }, async () => {
      const root = this.#prepared ?? (await this.#confirmed());
      try {
        return await act(root);
      } catch (error) {
        if (systemCode(error) === undefined) throw error;
        this.#prepared = null;
        await this.#confirmed();
        throw error;
      }
    });
  }

  async #confirmAbsence(root: string, key: string): Promise<void> {
    await refuseLinks(root, key);
    await this.#confirmed();
  }

  /** The root, seen to be there and the same as before, with all that was mounted below it. @throws TidemarkError BUCKET_MISSING */
  async #confirmed(): Promise<string> {
    const home = await findHome(this.path, this.#home, this.#expected);
    this.#home = home;
    if (this.#prepared !== home.root) {
      await prepareHome(home.root, this.#clock);
      this.#prepared = home.root;
    }
    await this.#mounts.check(home.root);
    return home.root;
  }

  #remember(key: string, etag: string): void {
    this.#written.delete(key);
    this.#written.set(key, etag);
    const [oldest] = this.#written.keys();
    if (this.#written.size > REMEMBERED && oldest !== undefined) this.#written.delete(oldest);
  }
}

async function isStill(root: string, key: string, place: Place): Promise<boolean> {
  const again = await locate(root, key);
  return again !== null && etagOf(again.stat) === etagOf(place.stat);
}
