/**
 * Watches every directory of a tree on its own: node:fs's recursive watch takes a watch for each FILE on Linux,
 * and misses what is made in a new directory before it is watched.
 */
import { isUtf8 } from 'node:buffer';
import { type BigIntStats, type FSWatcher, watch } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { readEntries } from './entries.ts';
import { isForbidden, systemCode, unlessAbsent } from './failures.ts';
import { LOST_AND_FOUND } from './names.ts';

export interface TreeEvents {
  /** Something other than a directory changed, came or went at this path, relative to the root. */
  path(path: string): void;
  /** A directory went away with all that was in it. */
  gone(directory: string): void;
  failed(error: unknown): void;
  /** This directory is on another device than the one above it: something is mounted there. */
  mounted(directory: string): Promise<void>;
  /** Directories that are not watched. */
  ignores(directory: string): boolean;
}

interface Watched {
  readonly watcher: FSWatcher;
  /** Tells a directory from a later one of the same name; inode numbers are used again at once. */
  readonly identity: string;
  readonly device: bigint;
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
    const identity = identityOf(stat);
    if (this.#watched.get(directory)?.identity === identity) return;
    if (this.#watched.has(directory)) this.#drop(directory);
    const above = directory === '' ? undefined : this.#watched.get(directory.includes('/') ? dirname(directory) : '');
    if (above && above.device !== stat.dev) await this.#events.mounted(directory);
    try {
      // Watched first, listed then: what comes between the two is seen twice rather than never.
      if (!this.#closed && this.#watch(directory, { identity, device: stat.dev })) await this.#addEntries(directory, report);
    } catch (error) {
      if (directory !== LOST_AND_FOUND || !isForbidden(error)) throw error;
    }
  }

  async #addEntries(directory: string, report: boolean): Promise<void> {
    for (const { name, kind } of (await readEntries(this.#absolute(directory))).named) {
      const path = directory === '' ? name : `${directory}/${name}`;
      // One directory that may not be read must not blind the watch to its neighbours.
      if (kind === 'directory') await this.add(path, report).catch((error: unknown) => this.#events.failed(error));
      else if (report && !this.#closed) this.#events.path(path);
    }
  }

  close(): void {
    this.#closed = true;
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  /** @returns false for a directory that went away meanwhile */
  #watch(directory: string, facts: Omit<Watched, 'watcher'>): boolean {
    try {
      const watcher = watch(this.#absolute(directory), { persistent: false, encoding: 'buffer' }, (_type, name) => {
        // A name that is no text is part of no key; the listing tells of it.
        if (name !== null && !isUtf8(name)) return;
        void this.#changed(directory, name?.toString() ?? null).catch((error: unknown) => this.#events.failed(error));
      });
      watcher.on('error', (error) => this.#events.failed(error));
      this.#watched.set(directory, { watcher, ...facts });
      return true;
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
      return false;
    }
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
    const home = name === basename(this.#absolute(directory)) ? await this.#whatBecameOf(directory) : 'stays';
    if (home === 'replaced') {
      this.#events.gone(directory);
      // Another root is not ours to watch: whoever asked for this watch looks at it first.
      return directory === '' ? undefined : this.add(directory, true);
    }
    const own = home === 'gone';
    if (own && directory === '') this.#events.gone('');
    // A directory that goes away tells so under its own name.
    if (!own) this.#events.path(path);
  }

  /** Its own name in an event may mean that it was unmounted: what stands there now is the directory below. */
  async #whatBecameOf(directory: string): Promise<'stays' | 'replaced' | 'gone'> {
    const stat = await unlessAbsent(lstat(this.#absolute(directory), { bigint: true }));
    if (!stat) return 'gone';
    const before = this.#watched.get(directory)?.identity;
    return before !== undefined && stat.isDirectory() && identityOf(stat) !== before ? 'replaced' : 'stays';
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

function identityOf({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`;
}
