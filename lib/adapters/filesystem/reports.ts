import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Body } from '../../ports/objects.ts';
import type { ReportStore } from '../../ports/reports.ts';
import { syncDirectory } from './durable.ts';
import { explained, unlessAbsent } from './failures.ts';

/** Reports as plain files below one folder, readable by their owner alone: they name keys. */
export class FolderReports implements ReportStore {
  readonly #folder: string;

  /** @param folder made at the first report */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(name: string, _size: number, body: Body): Promise<void> {
    const path = join(this.#folder, name);
    const temporary = `${path}.${randomUUID()}`;
    await explained({ path }, async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      try {
        const handle = await open(temporary, 'wx', 0o600);
        try {
          await handle.writeFile(body);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, path);
      } catch (error) {
        await unlessAbsent(unlink(temporary));
        throw error;
      }
      await syncDirectory(dirname(path));
    });
  }

  async read(name: string): Promise<AsyncIterable<Uint8Array> | null> {
    const path = join(this.#folder, name);
    const there = await explained({ path }, () => unlessAbsent(access(path).then(() => true)));
    return there ? createReadStream(path) : null;
  }

  /** Removes those of comparisons that ended before, as a bucket's lifecycle does. @param before ms since the epoch @returns how many */
  async removeOlder(before: number): Promise<number> {
    let removed = 0;
    await explained({ path: this.#folder }, async () => {
      for (const job of (await unlessAbsent(readdir(this.#folder))) ?? []) {
        const path = join(this.#folder, job);
        // A report is the last that is put into the folder of its comparison.
        if ((await stat(path)).mtimeMs >= before) continue;
        await rm(path, { recursive: true });
        removed++;
      }
    });
    return removed;
  }

  /** The embedded host serves what lies there. */
  async link(name: string): Promise<string> {
    return `/reports/${name}`;
  }
}
