/**
 * Watches every directory of a tree on its own: node:fs's recursive watch takes a watch for each FILE on Linux,
 * and misses what is made in a new directory before it is watched.
 */
import { type FSWatcher, watch } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { unlessAbsent } from './failures.ts';

export interface TreeEvents {
  /** Something other than a directory changed, came or went at this path, relative to the root. */
  path(path: string): void;
  /** A directory went away with all that was in it. */
  gone(directory: string): void;
  failed(error: unknown): void;
  /** Directories that are not watched. */
  ignores(directory: string): boolean;
}

interface Watched {
  readonly watcher: FSWatcher;
  /** Tells a directory from a later one of the same name; inode numbers are used again at once. */
  readonly identity: string;
}

export class TreeWatch {
  readonly #root: string;
  readonly #events: TreeEvents;
  readonly #watched = new Map<string, Watched>();
  #closed = false;

  /** @param root absolute, without symbolic links */
  constructor(root: string, events: TreeEvents) {
    this.#root = root;
    this.#events = events;
  }

  /** Watches a directory (relative to the root) and those below it. @param report tell of the files that are there already */
  async add(directory: string, report: boolean): Promise<void> {
    const absolute = this.#absolute(directory);
    const stat = await unlessAbsent(lstat(absolute, { bigint: true }));
    if (this.#closed || !stat?.isDirectory() || this.#events.ignores(directory)) return;
    const identity = `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`;
    if (this.#watched.get(directory)?.identity === identity) return;
    if (this.#watched.has(directory)) this.#drop(directory);
    // Watched first, listed then: what comes between the two is seen twice rather than never.
    this.#watch(directory, absolute, identity);
    for (const entry of (await unlessAbsent(readdir(absolute, { withFileTypes: true }))) ?? []) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      // One directory that may not be read must not blind the watch to its neighbours.
      if (entry.isDirectory()) await this.add(path, report).catch((error: unknown) => this.#events.failed(error));
      else if (report && !this.#closed) this.#events.path(path);
    }
  }

  close(): void {
    this.#closed = true;
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  #watch(directory: string, absolute: string, identity: string): void {
    const watcher = watch(absolute, { persistent: false }, (_type, name) => {
      void this.#changed(directory, name).catch((error: unknown) => this.#events.failed(error));
    });
    watcher.on('error', (error) => this.#events.failed(error));
    this.#watched.set(directory, { watcher, identity });
  }

  async #changed(directory: string, name: string | null): Promise<void> {
    if (name === null) throw new Error(`an event without a name in ${this.#absolute(directory)}`);
    const path = directory === '' ? name : `${directory}/${name}`;
    const stat = await unlessAbsent(lstat(this.#absolute(path)));
    if (this.#closed) return;
    if (stat?.isDirectory()) {
      if (this.#watched.has(path)) return this.add(path, true);
      // It may stand where a file was, whose own event saw the directory already.
      this.#events.path(path);
      return this.add(path, true);
    }
    if (this.#watched.has(path)) {
      this.#drop(path);
      this.#events.gone(path);
    }
    const own = name === basename(this.#absolute(directory)) && !(await unlessAbsent(lstat(this.#absolute(directory))));
    if (own && directory === '') this.#events.gone('');
    // A directory that goes away tells so under its own name.
    if (!own) this.#events.path(path);
  }

  #drop(directory: string): void {
    for (const [path, { watcher }] of this.#watched) {
      if (path !== directory && !path.startsWith(`${directory}/`)) continue;
      watcher.close();
      this.#watched.delete(path);
    }
  }

  #absolute(path: string): string {
    return path === '' ? this.#root : `${this.#root}/${path}`;
  }
}
