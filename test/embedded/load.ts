/** Writes, overwrites and deletes objects without end, and can tell whether two stores hold the same. */
import { createHash, randomInt } from 'node:crypto';
import { PROBE_PREFIX } from '../../lib/core/routes/route.ts';
import type { RegionStore } from '../../lib/ports/objects.ts';
import { put } from './support.ts';

const KEYS = 15;

export class Load {
  /** Changes made so far. */
  changes = 0;
  readonly #store: RegionStore;
  #running: Promise<void> | null = null;
  #stopped = false;
  #ceiling: number;
  #raised: () => void = () => undefined;

  /** @param ceiling changes to make at most, until `allow` raises it */
  constructor(store: RegionStore, ceiling = Number.POSITIVE_INFINITY) {
    this.#store = store;
    this.#ceiling = ceiling;
  }

  /** Lets it make this many changes from now on, and then wait. */
  allow(changes: number): void {
    this.#ceiling = this.changes + changes;
    this.#raised();
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the last change is made. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#raised();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      if (this.changes >= this.#ceiling) {
        await new Promise<void>((resolve) => {
          this.#raised = resolve;
        });
        continue;
      }
      const key = `load/${randomInt(10)}/key-${randomInt(KEYS)}.txt`;
      if (randomInt(5) === 0) await this.#store.remove(key);
      else await put(this.#store, key, selfProving(key, this.changes), randomInt(3) === 0 ? { metadata: { n: String(this.changes) } } : {});
      this.changes++;
    }
  }
}

/** A text that shows by itself whether it is whole. */
export function selfProving(key: string, version: number): string {
  const text = `${key} ${version} `.repeat(1 + randomInt(2_000));
  return `${text}\n${createHash('sha256').update(text).digest('hex')}`;
}

interface Content {
  readonly text: string;
  /** As its metadata says: the number of the change that wrote it, where that was noted. */
  readonly n: string | undefined;
}

function isWhole(key: string, { text, n }: Content): boolean {
  const end = text.lastIndexOf('\n');
  const body = text.slice(0, end);
  const begin = `${key} ${n === undefined ? '' : `${n} `}`;
  return body.startsWith(begin) && createHash('sha256').update(body).digest('hex') === text.slice(end + 1);
}

/** Keys whose objects are no version that was ever written: other bytes, or bytes of one with the metadata of another. */
export async function torn(store: RegionStore): Promise<readonly string[]> {
  const found = await contents(store);
  return [...found].filter(([key, content]) => !isWhole(key, content)).map(([key]) => key);
}

export interface Comparison {
  readonly lost: readonly string[];
  readonly stale: readonly string[];
  readonly extra: readonly string[];
}

/** Byte by byte, and by the metadata that the load writes. */
export async function compare(source: RegionStore, destination: RegionStore): Promise<Comparison> {
  const [ours, theirs] = await Promise.all([contents(source), contents(destination)]);
  const differs = (key: string, { text, n }: Content): boolean => {
    const other = theirs.get(key);
    return other !== undefined && (other.text !== text || other.n !== n);
  };
  return {
    lost: [...ours.keys()].filter((key) => !theirs.has(key)),
    stale: [...ours].filter(([key, content]) => differs(key, content)).map(([key]) => key),
    extra: [...theirs.keys()].filter((key) => !ours.has(key)),
  };
}

async function contents(store: RegionStore): Promise<ReadonlyMap<string, Content>> {
  const found = new Map<string, Content>();
  let token: string | undefined;
  do {
    const page = await store.list(token === undefined ? {} : { token });
    // What a host that was killed while it probed a store left there is nobody's.
    const objects = page.objects.filter(({ key }) => !key.startsWith(PROBE_PREFIX));
    const read = await Promise.all(objects.map(async ({ key }) => [key, await contentOf(store, key)] as const));
    for (const [key, content] of read) if (content !== null) found.set(key, content);
    token = page.next;
  } while (token !== undefined);
  return found;
}

/** @returns null when the object is absent, or was replaced between two looks */
async function contentOf(store: RegionStore, key: string): Promise<Content | null> {
  const seen = await store.head(key);
  if (!seen.present) return null;
  try {
    const { sight, body } = await store.read(key, { etag: seen.sight.etag });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(chunk);
    return { text: Buffer.concat(chunks).toString('utf8'), n: sight.metadata.n };
  } catch {
    return null;
  }
}
