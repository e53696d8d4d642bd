/**
 * Remembers which directories of a folder were mount points. When one is unmounted, everything below it merely looks deleted:
 * nothing of the folder is believed then, until it is mounted again or a person strikes it off the list.
 */
import { randomUUID } from 'node:crypto';
import { lstat, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './durable.ts';
import { FolderError, unlessAbsent } from './failures.ts';
import { exclusively } from './locks.ts';
import { MOUNTS, RESERVED, TEMPORARY } from './names.ts';
import { discard } from './staging.ts';

/** The device number of a directory, undefined where there is none. */
export type DeviceOf = (path: string) => Promise<bigint | undefined>;

const HEADER =
  '# Directories that were mount points. While one of them is not mounted, nothing is deleted. Remove the line of one that is meant to be gone.';

interface Known {
  /** Of the file that was read: a person may edit it at any time. */
  readonly signature: string;
  readonly directories: ReadonlySet<string>;
}

export class Mounts {
  readonly #deviceOf: DeviceOf;
  #known: Known = { signature: '', directories: new Set() };

  constructor(deviceOf: DeviceOf = deviceOfDirectory) {
    this.#deviceOf = deviceOf;
  }

  /** @throws TidemarkError BUCKET_MISSING naming the first directory that was a mount point and is none now */
  async check(root: string): Promise<void> {
    for (const directory of await this.#directories(root)) {
      if (!(await this.#isMounted(root, directory))) throw notMounted(root, directory);
    }
  }

  /**
   * Call it before the entries of a directory are read, so that what was seen there is never forgotten.
   * @param directory relative to the root
   * @param above device of its parent, undefined where that is not known
   * @returns its own device
   */
  async enter(root: string, directory: string, above: bigint | undefined): Promise<bigint | undefined> {
    const device = await this.#deviceOf(absolute(root, directory));
    if (device !== undefined && above !== undefined && device !== above) await this.learn(root, directory);
    return device;
  }

  /** Remembers a directory, durably, when it is a mount point. */
  async learn(root: string, directory: string): Promise<void> {
    if ((await this.#directories(root)).has(directory) || !(await this.#isMounted(root, directory))) return;
    await exclusively(`${root}/${MOUNTS}`, async () => {
      const before = await this.#directories(root);
      if (!before.has(directory)) await save(root, [...before, directory]);
    });
  }

  /** Compared with its parent rather than with the root: mounts may be nested. */
  async #isMounted(root: string, directory: string): Promise<boolean> {
    const path = absolute(root, directory);
    const before = await this.#deviceOf(dirname(path));
    const device = await this.#deviceOf(path);
    // A parent that is itself mounted or unmounted between the two looks says nothing of this one.
    const after = await this.#deviceOf(dirname(path));
    return device !== undefined && before !== undefined && before === after && device !== before;
  }

  async #directories(root: string): Promise<ReadonlySet<string>> {
    const path = `${root}/${MOUNTS}`;
    const found = await unlessAbsent(stat(path, { bigint: true }));
    const signature = found ? `${root}\0${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}` : '';
    if (this.#known.signature === signature) return this.#known.directories;
    const text = (await unlessAbsent(readFile(path, 'utf8'))) ?? '';
    this.#known = { signature, directories: new Set(parse(text)) };
    return this.#known.directories;
  }
}

async function deviceOfDirectory(path: string): Promise<bigint | undefined> {
  const found = await unlessAbsent(lstat(path, { bigint: true }));
  return found?.isDirectory() ? found.dev : undefined;
}

async function save(root: string, directories: readonly string[]): Promise<void> {
  const temporary = `${root}/${TEMPORARY}/${randomUUID()}`;
  try {
    await writeFile(temporary, [HEADER, ...directories.map(lineOf), ''].join('\n'), { flag: 'wx', flush: true });
    await rename(temporary, `${root}/${MOUNTS}`);
  } catch (error) {
    await discard(temporary);
    throw error;
  }
  await syncDirectory(`${root}/${RESERVED}`);
}

function parse(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.replace(/%(?:25|23|0A|0D)/g, decodeURIComponent));
}

/** A name may hold what ends a line or begins a comment. */
function lineOf(directory: string): string {
  return directory.replace(/[%\r\n]|^#/g, encodeURIComponent);
}

function absolute(root: string, directory: string): string {
  return directory === '' ? root : `${root}/${directory}`;
}

function notMounted(root: string, directory: string): FolderError {
  const path = absolute(root, directory);
  const advice = `mount it again; or, if it is meant to be gone, remove its line from ${root}/${MOUNTS}`;
  return new FolderError('BUCKET_MISSING', `${path} was mounted and is not mounted now: ${advice}`, {
    fix: `Look at ${path}: ${advice}. Nothing is deleted meanwhile.`,
    fields: { folder: root, directory },
  });
}
