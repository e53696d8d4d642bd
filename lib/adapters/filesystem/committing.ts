/** Puts a staged file in its place, or takes one away. Callers hold the key's lock; the rename or unlink of the file is what counts. */
import { lstat, mkdir, realpath, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import type { Condition, WriteOptions } from '../../ports/objects.ts';
import { pruneEmpty, syncDirectory } from './durable.ts';
import { isInTheWay, systemCode, unlessAbsent } from './failures.ts';
import { etagOf } from './identity.ts';
import { ENCODED, encodedPath, plainPath } from './names.ts';
import { isWithin, locate, type Place } from './place.ts';
import { entryFor, entryOf, type Properties, readSidecar, removeSidecar, writeSidecar } from './sidecar.ts';
import type { Staged } from './staging.ts';

/** A directory can be pruned between its making and the rename into it, yet hardly this often. */
const ATTEMPTS = 20;

export type CommitOptions = Pick<WriteOptions, 'condition' | 'signal' | 'beforeCommit'>;

/**
 * @param properties null when the bare file says the same
 * @throws PreconditionFailedError side `destination`; what beforeCommit or the signal throws: the former object stands then
 */
export async function commit(root: string, key: string, staged: Staged, properties: Properties | null, options: CommitOptions): Promise<void> {
  const current = await locate(root, key);
  demand(options.condition, current, key);
  const entries = await readSidecar(root, key);
  const kept = current ? entryOf(entries, current.stat) : undefined;
  let path: string;
  try {
    if (properties) await writeSidecar(root, key, [entryFor(staged.stat, properties), ...(kept ? [kept] : [])]);
    // A person may have written meanwhile; between this look and the rename lies next to nothing.
    if (options.condition) demand(options.condition, await locate(root, key), key);
    path = await putInPlace(root, key, staged, current, options);
  } catch (error) {
    if (properties && !kept) await removeSidecar(root, key);
    throw error;
  }
  await syncDirectory(dirname(path));
  if (!properties && entries.length > 0) await removeSidecar(root, key);
  if (path === plainOf(root, key)) await removeEncoded(root, key);
}

/** @throws PreconditionFailedError side `destination` */
export function demand(condition: Condition | undefined, current: Place | null, key: string): void {
  if (!condition) return;
  const holds = 'ifAbsent' in condition ? current === null : current !== null && etagOf(current.stat) === condition.ifMatch;
  if (!holds) throw new PreconditionFailedError('destination', key);
}

/** An object stays where it is; a new one goes to its plain path unless something is in the way. @returns where it is */
async function putInPlace(root: string, key: string, staged: Staged, current: Place | null, options: CommitOptions): Promise<string> {
  const candidates = [current?.encoded ? null : plainOf(root, key), `${root}/${encodedPath(key)}`];
  for (const path of candidates) {
    if (path !== null && (await moveTo(root, path, staged, options))) return path;
  }
  throw new TidemarkError('UNAVAILABLE', 'the folder has no place for the object', { key });
}

function plainOf(root: string, key: string): string | null {
  const plain = plainPath(key);
  return plain === null ? null : `${root}/${plain}`;
}

/** @returns false when something else stands at the path or on the way to it */
async function moveTo(root: string, path: string, staged: Staged, options: CommitOptions): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      if (!(await makeWay(root, dirname(path)))) return false;
      const there = await unlessAbsent(lstat(path));
      if (there && !there.isFile()) return false;
      options.signal?.throwIfAborted();
      options.beforeCommit?.();
      await rename(staged.path, path);
      return true;
    } catch (error) {
      if (isInTheWay(error)) return false;
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return false;
}

/** Makes the directories of a path, one by one so as never to make any behind a symbolic link. @returns false when something is in the way */
async function makeWay(root: string, directory: string): Promise<boolean> {
  if (directory === root) return true;
  const real = await unlessAbsent(realpath(directory));
  if (real !== undefined) return real === directory;
  if (!(await makeWay(root, dirname(directory)))) return false;
  try {
    await mkdir(directory);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    return isWithin(root, directory);
  }
  await syncDirectory(dirname(directory));
  return true;
}

/** Removes a key's file wherever it is. The encoded one first: it must not be seen in place of the plain one that hid it. */
export async function removeFiles(root: string, key: string, current: Place): Promise<void> {
  await removeEncoded(root, key);
  if (!current.encoded) {
    await unlessAbsent(unlink(current.path));
    await pruneEmpty(dirname(current.path), root);
  }
  await removeSidecar(root, key);
}

async function removeEncoded(root: string, key: string): Promise<void> {
  const path = `${root}/${encodedPath(key)}`;
  const removed = await unlessAbsent(unlink(path).then(() => true));
  if (removed) await pruneEmpty(dirname(path), `${root}/${ENCODED}`);
}
