/**
 * Pages through all objects of a folder. The order is fixed (each directory's names sorted, depth first, plain before encoded),
 * so that a token is merely the last path given out: an object that stands still is listed exactly once, whatever comes and goes beside it.
 * Held in memory: the names of the directories on the way to the current file.
 * What is made for each file and thrown away at once sets how far the heap grows: files are handed on in batches, and asked for by callback.
 */
import { type BigIntStats, lstat } from 'node:fs';
import type { ListedObject } from '../../ports/objects.ts';
import { type Entries, type Entry, readEntries } from './entries.ts';
import { isAbsence, isForbidden } from './failures.ts';
import { etagOf, modifiedAt } from './identity.ts';
import type { Mounts } from './mounts.ts';
import { ENCODED, keyOfEncoded, keyOfPlain, LOST_AND_FOUND, plainPath, RESERVED } from './names.ts';
import { isWithin, look } from './place.ts';

const PAGE = 1_000;
/** Files asked for at once: more than the system's threads take, and few enough that little is held. */
const AT_ONCE = 100;
/** Walks kept open between two pages; a token whose walk was dropped starts one anew at its place. */
const OPEN_WALKS = 4;

export interface Page {
  readonly objects: readonly ListedObject[];
  readonly next?: string;
}

/** Files, and directories with all that is in them, whose names or paths can be no key: not UTF-8, or over 1,024 bytes. */
export interface Unnameable {
  readonly count: number;
  /** The first one found, relative to the root, with U+FFFD for what is no text. */
  readonly first: string;
}

interface Walk {
  readonly root: string;
  readonly mounts: Mounts;
  unnameable: Unnameable | null;
}

interface OpenWalk {
  readonly walk: Walk;
  readonly batches: AsyncGenerator<readonly string[]>;
  /** The batch that is given out, and how much of it was. */
  batch: readonly string[];
  at: number;
}

export class Listing {
  readonly #mounts: Mounts;
  readonly #onUnnameable: (found: Unnameable) => void;
  readonly #walks = new Map<string, OpenWalk>();

  /** @param onUnnameable called at the end of each listing that came by any; of one that another process began it tells the rest alone */
  constructor(mounts: Mounts, onUnnameable: (found: Unnameable) => void) {
    this.#mounts = mounts;
    this.#onUnnameable = onUnnameable;
  }

  /** @param root resolved: without symbolic links */
  async page(root: string, prefix: string, token: string | undefined): Promise<Page> {
    const mark = JSON.stringify([root, prefix, token]);
    const open = this.#walks.get(mark) ?? this.#begin(root, prefix, token);
    this.#walks.delete(mark);
    const paths = await take(open, PAGE);
    const objects: ListedObject[] = [];
    for (let at = 0; at < paths.length; at += AT_ONCE) {
      const some = paths.slice(at, at + AT_ONCE);
      const stats = await statAll(root, some);
      for (const [index, path] of some.entries()) {
        const key = isEncoded(path) ? keyOfEncoded(path) : path;
        const stat = stats[index];
        if (!stat?.isFile() || !key?.startsWith(prefix) || (isEncoded(path) && (await isHidden(root, key)))) continue;
        objects.push({ key, etag: etagOf(stat), size: Number(stat.size), lastModified: modifiedAt(stat) });
      }
    }
    const next = paths[PAGE - 1];
    if (next !== undefined) {
      this.#keep(JSON.stringify([root, prefix, next]), open);
      return { objects, next };
    }
    if (open.walk.unnameable) this.#onUnnameable(open.walk.unnameable);
    return { objects };
  }

  #begin(root: string, prefix: string, token: string | undefined): OpenWalk {
    const walk: Walk = { root, mounts: this.#mounts, unnameable: null };
    return { walk, batches: walkAll(walk, prefix, token), batch: [], at: 0 };
  }

  #keep(mark: string, open: OpenWalk): void {
    this.#walks.set(mark, open);
    const [oldest] = this.#walks.keys();
    if (this.#walks.size > OPEN_WALKS && oldest !== undefined) this.#walks.delete(oldest);
  }
}

/** @returns fewer than `most` at the end alone */
async function take(open: OpenWalk, most: number): Promise<readonly string[]> {
  const paths: string[] = [];
  while (paths.length < most) {
    if (open.at === open.batch.length) {
      const step = await open.batches.next();
      if (step.done) break;
      [open.batch, open.at] = [step.value, 0];
    }
    const taken = open.batch.slice(open.at, open.at + most - paths.length);
    open.at += taken.length;
    paths.push(...taken);
  }
  return paths;
}

/** Undefined for what is gone. One promise for all: the promises' own lstat makes three, and a buffer, for each file. */
function statAll(root: string, paths: readonly string[]): Promise<readonly (BigIntStats | undefined)[]> {
  return new Promise((resolve, reject) => {
    const stats: (BigIntStats | undefined)[] = paths.map(() => undefined);
    let left = paths.length;
    for (const [at, path] of paths.entries()) {
      lstat(`${root}/${path}`, { bigint: true }, (error, stat) => {
        if (error && !isAbsence(error)) return reject(error);
        if (!error) stats[at] = stat;
        if (--left === 0) resolve(stats);
      });
    }
  });
}

/** A plain file stands for the key of this encoded one. */
async function isHidden(root: string, key: string): Promise<boolean> {
  const plain = plainPath(key);
  return plain !== null && (await look(root, plain)) !== null;
}

const isEncoded = (path: string): boolean => path.startsWith(`${ENCODED}/`);

/** Batches of at most PAGE paths. @param token a path that was given out before, or undefined */
async function* walkAll(walk: Walk, prefix: string, token: string | undefined): AsyncGenerator<readonly string[]> {
  if (token === undefined || !isEncoded(token)) yield* walkPlain(walk, prefix, token);
  yield* filesBelow(
    walk,
    ENCODED,
    await deviceAbove(walk, ENCODED),
    '',
    token !== undefined && isEncoded(token) ? token.slice(ENCODED.length + 1) : '',
  );
}

async function* walkPlain(walk: Walk, prefix: string, token: string | undefined): AsyncGenerator<readonly string[]> {
  const slash = prefix.lastIndexOf('/');
  const folder = prefix.slice(0, Math.max(0, slash));
  if (slash !== -1 && (plainPath(folder) === null || !(await isWithin(walk.root, `${walk.root}/${folder}`)))) return;
  yield* filesBelow(walk, folder, await deviceAbove(walk, folder), prefix.slice(slash + 1), token?.slice(slash + 1) ?? '');
}

/** Enters the directories above a folder, any of which may be a mount point. @returns the device of its parent, undefined for the root */
async function deviceAbove({ root, mounts }: Walk, folder: string): Promise<bigint | undefined> {
  if (folder === '') return undefined;
  const names = folder.split('/');
  let device: bigint | undefined;
  for (let depth = 0; depth < names.length; depth++) device = await mounts.enter(root, names.slice(0, depth).join('/'), device);
  return device;
}

/**
 * @param folder relative to the root
 * @param above device of its parent
 * @param start what the names in this folder must start with
 * @param after a path relative to the folder: it and all before it are left out
 */
async function* filesBelow(walk: Walk, folder: string, above: bigint | undefined, start: string, after: string): AsyncGenerator<readonly string[]> {
  const [last = '', ...deeper] = after.split('/');
  const rest = deeper.join('/');
  const inFolder = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  const wanted = (name: string): boolean => name >= last && name.startsWith(start) && (folder !== '' || name !== RESERVED);
  const device = await walk.mounts.enter(walk.root, folder, above);
  const { named, unreadable } = await entriesOf(walk, folder);
  for (const name of unreadable.filter(wanted)) note(walk, inFolder(name));
  let files: string[] = [];
  for (const { name, kind } of sorted(named)) {
    if (!wanted(name)) continue;
    const path = inFolder(name);
    if (kind === 'directory' || files.length === PAGE) {
      yield files;
      files = [];
    }
    if (kind === 'directory') yield* filesBelow(walk, path, device, '', name === last ? rest : '');
    else if (kind === 'file' && (name !== last || rest !== '')) {
      if (keyOfPlain(path) !== null || isEncoded(path)) files.push(path);
      else note(walk, path);
    }
  }
  yield files;
}

function note(walk: Walk, path: string): void {
  walk.unnameable = { count: (walk.unnameable?.count ?? 0) + 1, first: walk.unnameable?.first ?? path };
}

/** A directory that vanished on the way has no entries; one that may not be read fails the listing, since it must not look empty. */
async function entriesOf({ root }: Walk, folder: string): Promise<Entries> {
  try {
    return await readEntries(`${root}/${folder}`);
  } catch (error) {
    if (folder === LOST_AND_FOUND && isForbidden(error)) return { named: [], unreadable: [] };
    throw error;
  }
}

function sorted(entries: readonly Entry[]): readonly Entry[] {
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
