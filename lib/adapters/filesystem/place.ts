/** Finds the file that holds a key: its plain path first, the encoded one else. Symbolic links are never followed. */
import type { BigIntStats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TidemarkError } from '../../core/errors.ts';
import { unlessAbsent } from './failures.ts';
import { encodedPath, plainPath } from './names.ts';

export interface Place {
  /** Absolute. */
  readonly path: string;
  readonly stat: BigIntStats;
  readonly encoded: boolean;
}

/**
 * The file of a key, null when there is none. A plain file hides an encoded one of the same key.
 * @param root resolved: without symbolic links
 */
export async function locate(root: string, key: string): Promise<Place | null> {
  const plain = plainPath(key);
  const atPlain = plain === null ? null : await look(root, plain);
  if (atPlain) return { ...atPlain, encoded: false };
  const atEncoded = await look(root, encodedPath(key));
  if (atEncoded) return { ...atEncoded, encoded: true };
  // A write may have moved it from the encoded to the plain path between the two looks.
  const again = plain === null ? null : await look(root, plain);
  return again && { ...again, encoded: false };
}

/** A regular file reached without a symbolic link, or null. */
export async function look(root: string, relative: string): Promise<Omit<Place, 'encoded'> | null> {
  const path = `${root}/${relative}`;
  const stat = await unlessAbsent(lstat(path, { bigint: true }));
  return stat?.isFile() && (await isWithin(root, dirname(path))) ? { path, stat } : null;
}

/** True when a directory of the root is reached without a symbolic link. */
export async function isWithin(root: string, directory: string): Promise<boolean> {
  return directory === root || (await unlessAbsent(realpath(directory))) === directory;
}

/**
 * For a key that was not found: what lies behind a link may well be there, so its absence is not known.
 * @throws TidemarkError ACCESS_DENIED where a symbolic link stands on the way to the key
 */
export async function refuseLinks(root: string, key: string): Promise<void> {
  const plain = plainPath(key);
  const link = (plain !== null && (await firstLink(root, plain))) || (await firstLink(root, encodedPath(key)));
  if (!link) return;
  const fix = 'replace it by a real file or folder';
  throw new TidemarkError('ACCESS_DENIED', `${link} is a symbolic link, and links are not followed: ${fix}`, { key, link });
}

async function firstLink(root: string, relative: string): Promise<string | null> {
  let path = root;
  for (const name of relative.split('/')) {
    path = `${path}/${name}`;
    const stat = await unlessAbsent(lstat(path));
    if (!stat) return null;
    if (stat.isSymbolicLink()) return path;
  }
  return null;
}
