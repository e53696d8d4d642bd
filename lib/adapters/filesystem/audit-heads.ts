import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsedHead, type SignedHead } from '../../core/audit/head.ts';
import type { AuditHeads } from '../../ports/audit.ts';
import { makeDirectory, syncDirectory } from './durable.ts';
import { explained, unlessAbsent } from './failures.ts';

/** Some hundred heads. */
const END_BYTES = 65_536;
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
    const [newest] = await this.#files();
    if (newest === undefined) return null;
    // The newest stand at the end, of which a part is enough.
    const last = longest(headsIn(await this.#endOf(newest)));
    return last ?? (await this.page(Number.POSITIVE_INFINITY, 1))[0] ?? null;
  }

  async page(before: number, limit: number): Promise<readonly SignedHead[]> {
    const found: SignedHead[] = [];
    for (const name of await this.#files()) {
      const heads = headsIn(await explained({ path: join(this.#folder, name) }, () => readFile(join(this.#folder, name), 'utf8')));
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

  async #endOf(name: string): Promise<string> {
    const path = join(this.#folder, name);
    return explained({ path }, async () => {
      const handle = await open(path, 'r');
      try {
        const { size } = await handle.stat();
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(END_BYTES), 0, END_BYTES, Math.max(0, size - END_BYTES));
        return buffer.toString('utf8', 0, bytesRead);
      } finally {
        await handle.close();
      }
    });
  }
}

/** Put twice, one stands there twice; and of the first line, or one that a crash ended, there may be a part. */
function headsIn(lines: string): SignedHead[] {
  return [...new Set(lines.split('\n'))].flatMap((line) => parsedHead(line) ?? []);
}

function longest(heads: readonly SignedHead[]): SignedHead | undefined {
  return heads.toSorted((a, b) => b.length - a.length)[0];
}
