/**
 * Pages through all objects of a folder. The order is fixed (each directory's names sorted, depth first, plain before encoded),
 * so that a token is merely the last path given out: an object that stands still is listed exactly once, whatever comes and goes beside it.
 * Held in memory: the names of the directories on the way to the current file.
 */
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import type { ListedObject } from '../../ports.ts';
import { unlessAbsent } from './failures.ts';
import { etagOf, modifiedAt } from './identity.ts';
import { ENCODED, keyOfEncoded, keyOfPlain, plainPath, RESERVED } from './names.ts';
import { isWithin, look } from './place.ts';

const PAGE = 1_000;
/** Walks kept open between two pages; a token whose walk was dropped starts one anew at its place. */
const OPEN_WALKS = 4;

export interface Page {
  readonly objects: readonly ListedObject[];
  readonly next?: string;
}

export class Listing {
  readonly #walks = new Map<string, AsyncGenerator<string>>();

  /** @param root resolved: without symbolic links */
  async page(root: string, prefix: string, token: string | undefined): Promise<Page> {
    const mark = JSON.stringify([root, prefix, token]);
    const walk = this.#walks.get(mark) ?? walkAll(root, prefix, token);
    this.#walks.delete(mark);
    const paths: string[] = [];
    while (paths.length < PAGE) {
      const step = await walk.next();
      if (step.done) break;
      paths.push(step.value);
    }
    const listed = await Promise.all(paths.map((path) => describe(root, path)));
    const objects = listed.filter((object) => object !== null).filter(({ key }) => key.startsWith(prefix));
    const next = paths[PAGE - 1];
    if (next === undefined) return { objects };
    this.#keep(JSON.stringify([root, prefix, next]), walk);
    return { objects, next };
  }

  #keep(mark: string, walk: AsyncGenerator<string>): void {
    this.#walks.set(mark, walk);
    const [oldest] = this.#walks.keys();
    if (this.#walks.size > OPEN_WALKS && oldest !== undefined) this.#walks.delete(oldest);
  }
}

/** @returns null for what is gone, is no object, or is hidden by a plain file of the same key */
async function describe(root: string, path: string): Promise<ListedObject | null> {
  const encoded = isEncoded(path);
  const key = encoded ? keyOfEncoded(path) : keyOfPlain(path);
  if (key === null) return null;
  const stat = await unlessAbsent(lstat(`${root}/${path}`, { bigint: true }));
  if (!stat?.isFile()) return null;
  const plain = encoded ? plainPath(key) : null;
  if (plain !== null && (await look(root, plain))) return null;
  return { key, etag: etagOf(stat), size: Number(stat.size), lastModified: modifiedAt(stat) };
}

const isEncoded = (path: string): boolean => path.startsWith(`${ENCODED}/`);

/** @param token a path that was given out before, or undefined */
async function* walkAll(root: string, prefix: string, token: string | undefined): AsyncGenerator<string> {
  if (token === undefined || !isEncoded(token)) yield* walkPlain(root, prefix, token);
  yield* filesBelow(root, ENCODED, '', token !== undefined && isEncoded(token) ? token.slice(ENCODED.length + 1) : '');
}

async function* walkPlain(root: string, prefix: string, token: string | undefined): AsyncGenerator<string> {
  const slash = prefix.lastIndexOf('/');
  const folder = prefix.slice(0, Math.max(0, slash));
  if (slash !== -1 && (plainPath(folder) === null || !(await isWithin(root, `${root}/${folder}`)))) return;
  yield* filesBelow(root, folder, prefix.slice(slash + 1), token?.slice(slash + 1) ?? '');
}

/**
 * @param folder relative to the root
 * @param start what the names in this folder must start with
 * @param after a path relative to the folder: it and all before it are left out
 */
async function* filesBelow(root: string, folder: string, start: string, after: string): AsyncGenerator<string> {
  const [last = '', ...deeper] = after.split('/');
  const rest = deeper.join('/');
  for (const entry of await sortedEntries(`${root}/${folder}`)) {
    const { name } = entry;
    if (name < last || !name.startsWith(start) || (folder === '' && name === RESERVED)) continue;
    const path = folder === '' ? name : `${folder}/${name}`;
    if (entry.isDirectory()) yield* filesBelow(root, path, '', name === last ? rest : '');
    else if (entry.isFile() && (name !== last || rest !== '')) yield path;
  }
}

/** A directory that vanished on the way has no entries; one that may not be read fails the listing, since it must not look empty. */
async function sortedEntries(path: string): Promise<readonly Dirent[]> {
  const entries = (await unlessAbsent(readdir(path, { withFileTypes: true }))) ?? [];
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
