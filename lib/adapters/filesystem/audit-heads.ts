import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsedHead, type SignedHead } from '../../core/audit/head.ts';
import type { AuditHeads } from '../../ports/audit.ts';
import { makeDirectory, syncDirectory } from './durable.ts';
import { explained, unlessAbsent } from './failures.ts';

const NAME = /^\d{4}-\d{2}\.jsonl$/;

/** A line a head, in a file a month, readable by their owner alone. Files are only ever added to. */
export class FolderAuditHeads implements AuditHeads {
  readonly #folder: string;

  /** @param folder made at the first head */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(head: SignedHead): Promise<void> {
    const path = join(this.#folder, `${new Date(head.at).toISOString().slice(0, 7)}.jsonl`);
    await explained({ path }, async () => {
      await makeDirectory(this.#folder);
      const handle = await open(path, 'a+', 0o600);
      try {
        // What a crash left of a line must not swallow this one.
        const { size } = await handle.stat();
        const { buffer } = size === 0 ? { buffer: Buffer.from('\n') } : await handle.read(Buffer.alloc(1), 0, 1, size - 1);
        await handle.appendFile(`${buffer.toString() === '\n' ? '' : '\n'}${JSON.stringify(head)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await syncDirectory(this.#folder);
    });
  }

  async latest(): Promise<SignedHead | null> {
    return (await this.page(Number.POSITIVE_INFINITY, 1))[0] ?? null;
  }

  async page(before: number, limit: number): Promise<readonly SignedHead[]> {
    const found: SignedHead[] = [];
    for (const name of await this.#files()) {
      const heads = await this.#headsIn(name);
      found.push(...heads.filter(({ length }) => length < before).reverse());
      if (found.length >= limit) break;
    }
    return found.toSorted((a, b) => b.length - a.length).slice(0, limit);
  }

  /** The newest first. */
  async #files(): Promise<readonly string[]> {
    const names = (await explained({ path: this.#folder }, () => unlessAbsent(readdir(this.#folder)))) ?? [];
    return names
      .filter((name) => NAME.test(name))
      .toSorted()
      .reverse();
  }

  async #headsIn(name: string): Promise<SignedHead[]> {
    const path = join(this.#folder, name);
    const lines = await explained({ path }, () => readFile(path, 'utf8'));
    // Put twice, one stands there twice; and a crash may have left a part of one.
    return [...new Set(lines.split('\n'))].flatMap((line) => parsedHead(line) ?? []);
  }
}
