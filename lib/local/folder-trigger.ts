/** Turns what happens in a source folder into notifications in the queue. It only hastens: what it misses, the reconciler finds. */
import { realpath, stat } from 'node:fs/promises';
import type { Log } from '../../lambdas/shared/log.ts';
import type { FolderBucket } from '../adapters/filesystem/bucket.ts';
import { explain } from '../adapters/filesystem/failures.ts';
import { etagOf } from '../adapters/filesystem/identity.ts';
import { locate } from '../adapters/filesystem/place.ts';
import { type FolderWatch, watchFolder } from '../adapters/filesystem/watch.ts';
import { asTidemarkError, type TidemarkError } from '../core/errors.ts';
import type { OutgoingMessage, Queue } from '../ports/queue.ts';
import type { Clock } from '../ports/system.ts';
import { folderNotification } from './folder-notification.ts';

export interface FolderTriggerOptions {
  readonly region: string;
  readonly bucket: FolderBucket;
  readonly queue: Pick<Queue, 'send'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Something was missed: compare the listings. */
  readonly onMissed: () => void;
}

/** Keys that are looked at and queued together. */
const AT_ONCE = 200;

interface Watching {
  readonly watch: FolderWatch;
  /** Tells the folder from another one that is mounted at its place later: a watch stays with the folder it began on. */
  readonly identity: string;
}

export class FolderTrigger {
  readonly region: string;
  readonly #options: FolderTriggerOptions;
  readonly #keys = new Set<string>();
  #watching: Watching | null = null;
  /** False until changes are seen, and after any of them may have been missed. */
  #whole = false;
  #sending: Promise<void> | null = null;
  #lastProblem = '';
  #closed = false;

  constructor(options: FolderTriggerOptions) {
    this.#options = options;
    this.region = options.region;
    let told = '';
    options.bucket.tellUnnameable(({ count, first }) => {
      // Each comparison finds them again.
      if (told === `${count} ${first}`) return;
      told = `${count} ${first}`;
      options.log.warn('the folder holds files that cannot be objects: they are not copied', {
        region: this.region,
        count,
        first,
        fix: 'Rename them: a key is 1 to 1,024 bytes of UTF-8, with the names of its folders.',
      });
    });
  }

  /**
   * Watches, where that has not begun, was incomplete, or was of another folder than now stands there.
   * Never throws: without a watch there is still the reconciler. Resolves once changes from now on are seen.
   */
  async ensure(): Promise<void> {
    const identity = await identityOf(this.#options.bucket.path);
    if (this.#closed || (this.#whole && this.#watching?.identity === identity)) return;
    this.#unwatch();
    if (identity === null) return;
    let problem: TidemarkError | null = null;
    const watch = watchFolder(this.#options.bucket, (key) => this.#note(key), {
      onError: (error) => {
        problem = error;
        this.#missed(error);
      },
      onFolderGone: () => this.#options.onMissed(),
    });
    this.#watching = { watch, identity };
    await watch.ready;
    if (problem !== null || this.#watching?.watch !== watch) return;
    this.#whole = true;
    if (this.#lastProblem !== '') this.#options.log.info('the folder is watched again', { region: this.region });
    this.#lastProblem = '';
  }

  /** Sends what was noted already. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    await this.#sending;
  }

  #unwatch(): void {
    this.#watching?.watch.close();
    this.#watching = null;
    this.#whole = false;
  }

  #note(key: string): void {
    this.#keys.add(key);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#keys.size > 0) {
      const keys = [...this.#keys].slice(0, AT_ONCE);
      for (const key of keys) this.#keys.delete(key);
      try {
        const root = await realpath(this.#options.bucket.path);
        await this.#options.queue.send(await Promise.all(keys.map((key) => this.#message(root, key))));
      } catch (error) {
        // Nothing of these keys is queued: the listings tell.
        this.#missed(asTidemarkError(explain(error, { folder: this.#options.bucket.path })));
      }
    }
  }

  async #message(root: string, key: string): Promise<OutgoingMessage> {
    const { region, clock } = this.#options;
    const place = await locate(root, key);
    const file = place && { etag: etagOf(place.stat), size: Number(place.stat.size) };
    return { body: folderNotification({ region, key, file, at: clock.now() }) };
  }

  /** Told once: while it is incomplete, every reconcile tries to watch anew. */
  #missed(error: TidemarkError): void {
    this.#say(error);
    if (!this.#whole) return;
    this.#whole = false;
    this.#options.onMissed();
  }

  #say({ code, message, fix }: TidemarkError): void {
    if (message === this.#lastProblem) return;
    this.#lastProblem = message;
    this.#options.log.warn('the folder is not watched completely; changes are found by comparing the listings', {
      region: this.region,
      code,
      error: message,
      fix,
    });
  }
}

/** @returns null where there is no folder, or it cannot be reached */
async function identityOf(path: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(path);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
