/** The root of a folder region: its marker tells a folder that is there from one that was unmounted or replaced. */
import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { mkdir, readdir, readFile, realpath, stat, unlink, writeFile } from 'node:fs/promises';
import { TidemarkError } from '../../core/errors.ts';
import type { Clock } from '../../ports/system.ts';
import { makeDirectory, syncDirectory } from './durable.ts';
import { explained, systemCode, unlessAbsent } from './failures.ts';
import { ENCODED, MARKER, RESERVED, SIDECARS, TEMPORARY } from './names.ts';

/** Longer than any write takes between two chunks. */
const LEFTOVER_MS = 3_600_000;

export interface Home {
  /** Resolved: without symbolic links. */
  readonly root: string;
  readonly id: string;
  readonly marker: BigIntStats;
}

/**
 * Makes a folder region: the directory and its marker. One that has its marker stays as it is.
 * @param options.adopt also marks a directory that is there without a marker; never set it for a folder that was in use before,
 * because an unmounted one looks just like that
 * @throws TidemarkError BUCKET_MISSING where a directory without a marker is not to be adopted
 */
export async function createRoot(path: string, options: { readonly adopt?: boolean } = {}): Promise<void> {
  await explained({ folder: path }, async () => {
    const made = await mkdir(path, { recursive: true });
    const marked = await unlessAbsent(stat(`${path}/${MARKER}`));
    if (marked) return;
    if (made === undefined && !options.adopt) throw unmarked(path);
    await makeDirectory(`${path}/${RESERVED}`);
    await writeFile(`${path}/${MARKER}`, `${randomUUID()}\n`, { flag: 'wx', flush: true });
    await syncDirectory(`${path}/${RESERVED}`);
  });
}

/**
 * Looks whether the folder is there, and whether it is the same as before.
 * @param expected its id, when an earlier process knew it
 * @throws TidemarkError BUCKET_MISSING
 */
export async function findHome(path: string, known: Home | null, expected?: string): Promise<Home> {
  const root = await unlessAbsent(realpath(path));
  if (root === undefined) throw new TidemarkError('BUCKET_MISSING', `there is no folder ${path}`, { folder: path });
  const marker = await unlessAbsent(stat(`${root}/${MARKER}`, { bigint: true }));
  if (!marker) throw unmarked(path);
  if (known?.root === root && known.marker.ino === marker.ino && known.marker.dev === marker.dev && known.marker.mtimeNs === marker.mtimeNs)
    return known;
  // A marker that a person made may be empty.
  const id = (await readFile(`${root}/${MARKER}`, 'utf8')).trim() || root;
  const before = known?.id ?? expected;
  if (before !== undefined && before !== id) {
    throw new TidemarkError('BUCKET_MISSING', `another folder stands at ${path} than before: mount the former one, or start anew`, { folder: path });
  }
  return { root, id, marker };
}

/** Makes the directories that writes need, and removes what crashed writes left. */
export async function prepareHome(root: string, clock: Clock): Promise<void> {
  for (const directory of [TEMPORARY, SIDECARS, ENCODED]) await makeDirectory(`${root}/${directory}`);
  for (const name of await readdir(`${root}/${TEMPORARY}`)) {
    const path = `${root}/${TEMPORARY}/${name}`;
    const found = await unlessAbsent(stat(path));
    if (found && clock.now() - found.mtimeMs > LEFTOVER_MS) await removeLeftover(path);
  }
}

/** A leftover that cannot be removed costs space alone; the next start tries again. */
async function removeLeftover(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

function unmarked(path: string): TidemarkError {
  const message = `the folder ${path} has no ${MARKER}: it is not mounted, or was replaced. Mount it; if it is right as it is, create that file`;
  return new TidemarkError('BUCKET_MISSING', message, { folder: path });
}
