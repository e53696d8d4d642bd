import { randomUUID } from 'node:crypto';
import { link, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { TableFile, TableFiles } from '../../ports/table-files.ts';
import { makeDirectory, syncDirectory } from './durable.ts';
import { explained, systemCode, unlessAbsent } from './failures.ts';

/**
 * A table below a folder. A file appears whole or not at all, and one that must be the first takes its name by a hard link: of two that are
 * made at once, in one process or in several, the file system lets one have it. What a crash leaves is named as no table names a file.
 */
export class FolderTableFiles implements TableFiles {
  readonly location: string;
  readonly #folder: string;

  /** @param folder made with the first file */
  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.location = `file://${this.#folder}`;
  }

  async get(name: string, part?: { readonly start: number; readonly end: number }): Promise<Uint8Array | null> {
    const path = join(this.#folder, name);
    return explained({ path }, async () => (await unlessAbsent(part ? readPart(path, part) : readFile(path))) ?? null);
  }

  async put(name: string, bytes: Uint8Array, condition: 'absent' | 'any'): Promise<boolean> {
    const path = join(this.#folder, name);
    const temporary = `${path}.${randomUUID()}.tmp`;
    return explained({ path }, async () => {
      await makeDirectory(dirname(path));
      try {
        const handle = await open(temporary, 'wx', 0o600);
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        if (condition === 'any') await rename(temporary, path);
        else if (!(await linked(temporary, path))) return false;
      } finally {
        await unlessAbsent(unlink(temporary));
      }
      await syncDirectory(dirname(path));
      return true;
    });
  }

  async *list(): AsyncGenerator<TableFile> {
    const entries = await explained({ path: this.#folder }, () => unlessAbsent(readdir(this.#folder, { recursive: true, withFileTypes: true })));
    for (const entry of entries ?? []) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const found = await explained({ path }, () => unlessAbsent(stat(path)));
      if (found) yield { name: path.slice(this.#folder.length + 1), bytes: found.size, modified: Math.floor(found.mtimeMs) };
    }
  }

  async remove(name: string): Promise<void> {
    const path = join(this.#folder, name);
    await explained({ path }, async () => {
      await unlessAbsent(unlink(path));
    });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readPart(path: string, { start, end }: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(end, size) - start));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}
