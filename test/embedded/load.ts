/** Writes, overwrites and deletes objects without end, and can tell whether two stores hold the same. */
import { createHash, randomInt } from 'node:crypto';
import type { RegionStore } from '../../lib/ports.ts';
import { put, textOf } from './support.ts';

const KEYS = 15;

export class Load {
  /** Changes made so far. */
  changes = 0;
  readonly #store: RegionStore;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(store: RegionStore) {
    this.#store = store;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the last change is made. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const key = `load/${randomInt(10)}/key-${randomInt(KEYS)}.txt`;
      if (randomInt(5) === 0) await this.#store.remove(key);
      else await put(this.#store, key, selfProving(key, this.changes), randomInt(3) === 0 ? { metadata: { n: String(this.changes) } } : {});
      this.changes++;
    }
  }
}

/** A text that shows by itself whether it is whole. */
function selfProving(key: string, version: number): string {
  const text = `${key} ${version} `.repeat(1 + randomInt(2_000));
  return `${text}\n${createHash('sha256').update(text).digest('hex')}`;
}

function isWhole(key: string, text: string): boolean {
  const end = text.lastIndexOf('\n');
  const body = text.slice(0, end);
  return body.startsWith(`${key} `) && createHash('sha256').update(body).digest('hex') === text.slice(end + 1);
}

/** Keys whose objects are no version that was ever written. */
export async function torn(store: RegionStore): Promise<readonly string[]> {
  const found = await contents(store);
  return [...found].filter(([key, text]) => !isWhole(key, text)).map(([key]) => key);
}

export interface Comparison {
  readonly lost: readonly string[];
  readonly stale: readonly string[];
  readonly extra: readonly string[];
}

/** Byte by byte. */
export async function compare(source: RegionStore, destination: RegionStore): Promise<Comparison> {
  const [ours, theirs] = [await contents(source), await contents(destination)];
  return {
    lost: [...ours.keys()].filter((key) => !theirs.has(key)),
    stale: [...ours].filter(([key, text]) => theirs.has(key) && theirs.get(key) !== text).map(([key]) => key),
    extra: [...theirs.keys()].filter((key) => !ours.has(key)),
  };
}

async function contents(store: RegionStore): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let token: string | undefined;
  do {
    const page = await store.list(token === undefined ? {} : { token });
    for (const { key } of page.objects) {
      const text = await textOf(store, key);
      if (text !== null) found.set(key, text);
    }
    token = page.next;
  } while (token !== undefined);
  return found;
}
