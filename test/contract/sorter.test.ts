import { readdir, readlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { SqliteSorter } from '../../lib/adapters/sqlite/sorter.ts';
import type { ListedObject, Sorter } from '../../lib/ports/objects.ts';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';

/** What this process holds open of SQLite's temporary files, as Linux tells it. */
async function temporaryFiles(): Promise<readonly string[]> {
  const open = await readdir('/proc/self/fd');
  const files = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return files.filter((file) => file.includes('etilqs'));
}

const entry = (key: string, etag = `etag of ${key}`): ListedObject => ({ key, etag, size: key.length, lastModified: 1_800_000_000_123.5 });

/** A few thousand of them are more than the sorter holds in memory. */
const large = (key: string): ListedObject => entry(key, 'e'.repeat(800));

async function* listing(objects: Iterable<ListedObject>): AsyncGenerator<readonly ListedObject[]> {
  const left = [...objects];
  while (left.length > 0) yield left.splice(0, 2);
}

async function sorted(sorter: Sorter, objects: Iterable<ListedObject>): Promise<readonly ListedObject[]> {
  const result: ListedObject[] = [];
  for await (const page of sorter.sort(listing(objects))) result.push(...page);
  return result;
}

/** The order as the bytes say it, by another way than the code under test. */
const byBytes = (a: ListedObject, b: ListedObject): number => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));

const WAYS = [
  { way: 'in memory', inMemory: 10_000 },
  { way: 'through a file', inMemory: 3 },
] as const;

describe.each(WAYS)('a listing sorted $way', ({ inMemory }) => {
  const sorter = (): Sorter => new SqliteSorter({ inMemory });

  it('comes in UTF-8 byte order, every field kept', async () => {
    const objects = [
      ...AWKWARD_KEYS.map(({ key }) => entry(key)),
      entry('a1/b1'),
      { ...entry('a1'), storageClass: 'STANDARD_IA' },
      entry('\u{10000}'),
      entry('\uE000'),
      entry('\uFFEE'),
    ].reverse();

    const result = await sorted(sorter(), objects);

    expect(result).toEqual([...objects].sort(byBytes));
  });

  it('holds each key once, as it was listed last', async () => {
    const result = await sorted(sorter(), [entry('b'), entry('a', 'first'), entry('c'), entry('d'), entry('a', 'last'), entry('e')]);

    expect(result.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(result[0]?.etag).toBe('last');
  });

  it('is empty where nothing is listed', async () => {
    expect(await sorted(sorter(), [])).toEqual([]);
  });

  it('leaves no file behind, also when the reader stops early', async () => {
    const objects = Array.from({ length: 5_000 }, (_, n) => large(`key-${n}`));
    for await (const [first] of sorter().sort(listing(objects))) {
      expect(first?.key).toBe('key-0');
      break;
    }

    expect(await temporaryFiles()).toEqual([]);
  });

  it('leaves no file behind when the listing fails, and passes nothing on', async () => {
    const seen: string[] = [];
    async function* failing(): AsyncGenerator<readonly ListedObject[]> {
      for (let n = 0; n < 5_000; n++) yield [large(`key-${n}`)];
      throw new Error('the store went away');
    }
    const run = async (): Promise<void> => {
      for await (const page of sorter().sort(failing())) seen.push(...page.map(({ key }) => key));
    };

    await expect(run()).rejects.toThrow('the store went away');

    expect(seen).toEqual([]);
    expect(await temporaryFiles()).toEqual([]);
  });
});

it('keeps memory flat: a large listing lies in the file while it is read', async () => {
  const objects = Array.from({ length: 25_000 }, (_, n) => large(`key-${String((n * 7_919) % 25_000).padStart(6, '0')}`));
  const keys: string[] = [];
  let files: readonly string[] = [];

  for await (const page of new SqliteSorter().sort(listing(objects))) {
    if (keys.length === 0) files = await temporaryFiles();
    keys.push(...page.map(({ key }) => key));
  }

  // Nothing that a process which is killed could leave behind.
  expect(files).toContainEqual(expect.stringMatching(/ \(deleted\)$/));
  expect(files.filter((file) => !file.endsWith(' (deleted)'))).toEqual([]);
  expect(keys).toEqual(Array.from({ length: 25_000 }, (_, n) => `key-${String(n).padStart(6, '0')}`));
});

it('needs no file up to 10,000 entries', async () => {
  const objects = Array.from({ length: 10_000 }, (_, n) => entry(`key-${n}`));

  for await (const _ of new SqliteSorter().sort(listing(objects))) {
    expect(await temporaryFiles()).toEqual([]);
    break;
  }
});
