/** What the object store contract is made of: its subject, and short words for what its tests do. */
import { PreconditionFailedError } from '../../lib/core/errors.ts';
import type { Sight } from '../../lib/core/objects/sight.ts';
import type { Body, ListedObject, RegionStore, WriteOptions, Written } from '../../lib/ports/objects.ts';

export interface StoreUnderTest {
  /** On a fresh, empty bucket. */
  readonly store: RegionStore;
  /** Takes the bucket away (it is empty then), so that the store points at none. */
  loseBucket(): Promise<void>;
  dispose(): Promise<void>;
}

/** What a store truly lacks; everything else is demanded of it. */
export interface StoreTraits {
  /** `posix`: keys are paths, so no empty, `.`, `..` or over-long names, and `a` excludes `a/b`. */
  readonly keys: 'any' | 'posix';
  /** Labels of AWKWARD_KEYS that it cannot hold beyond that. */
  readonly withoutKeys?: readonly string[];
  readonly tags: boolean;
  /** Lists in UTF-8 byte order. */
  readonly listsInOrder: boolean;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** What the bytes of a small body are. */
export async function bytesOf(body: Body): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

/** A source's sight with what matters to a write. */
export function sightLike(facts: Partial<Sight> = {}): Sight {
  return { etag: 'at-the-source', size: 0, lastModified: 0, headers: {}, metadata: {}, ...facts };
}

export function put(store: RegionStore, key: string, body: Uint8Array, options: Partial<WriteOptions> = {}): Promise<Written> {
  return store.write(key, body, { size: body.length, like: sightLike({ size: body.length }), ...options });
}

/** @returns the sight of an object that must be there */
export async function seen(store: RegionStore, key: string): Promise<Sight> {
  const observation = await store.head(key, { tags: true });
  if (!observation.present) throw new Error(`no object at ${JSON.stringify(key)}`);
  return observation.sight;
}

export async function contentOf(store: RegionStore, key: string): Promise<string> {
  const { etag } = await seen(store, key);
  return (await bytesOf((await store.read(key, { etag })).body)).toString('utf8');
}

export async function listAll(store: RegionStore, prefix?: string, startAfter?: string): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  let token: string | undefined;
  do {
    const page = await store.list({
      ...(prefix !== undefined && { prefix }),
      ...(token !== undefined && { token }),
      ...(startAfter !== undefined && { startAfter }),
    });
    objects.push(...page.objects);
    token = page.next;
  } while (token !== undefined);
  return objects;
}

/** Byte order, as S3 lists. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

export const HEADERS = {
  contentType: 'text/html; charset=utf-8',
  cacheControl: 'max-age=60, private',
  contentDisposition: 'attachment; filename="a b.html"',
  contentEncoding: 'gzip',
  contentLanguage: 'de-AT',
};
export const METADATA = { author: 'Ada', 'with-dash': 'two  words', constructor: 'a word of the language' };
export const TAGS = { team: 'blue', 'cost centre': '4711 + 5' };

export function isPrecondition(side: 'source' | 'destination'): (error: unknown) => boolean {
  return (error) => error instanceof PreconditionFailedError && error.side === side;
}

/** A pin may be refused at once or while the body flows. */
export async function readWhole(store: RegionStore, key: string, etag: string): Promise<Buffer> {
  return bytesOf((await store.read(key, { etag })).body);
}

export async function inParallel<T>(items: readonly T[], width: number, act: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
