/** The host between two folders that are both written is killed again and again: what loses is told, and nothing else is lost. */
import { randomInt } from 'node:crypto';
import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import type { ConflictView } from '../../lib/usecases/conflicts/list.ts';
import { ChildHost, newWorkingDirectory } from './child-host.ts';
import { compare } from './load.ts';
import { textOf } from './support.ts';

const KILLS = 8;
const KEYS_A_ROUND = 12;
const NOTHING = { lost: [], stale: [], extra: [] };
const REGIONS = ['primary', 'secondary'] as const;
type Region = (typeof REGIONS)[number];

let directory: Awaited<ReturnType<typeof newWorkingDirectory>>;
let host: ChildHost;

beforeEach(async () => {
  directory = await newWorkingDirectory(undefined, { bidirectional: true });
});

afterEach(async () => {
  await host.kill();
  await directory.dispose();
});

/** What a user of each region wrote under each key; a key that the other region's copy had reached first is not written again. */
class Users {
  readonly written = new Map<string, Partial<Record<Region, string>>>();
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** In both regions, one soon after the other, by a link: it is there as a whole, or the key was taken. */
  async writeBoth(key: string): Promise<void> {
    const [first, second] = randomInt(2) === 0 ? REGIONS : (['secondary', 'primary'] as const);
    await this.#write(first, key);
    await this.#write(second, key);
  }

  async #write(region: Region, key: string): Promise<void> {
    // Of another length in each region, so that a conflict tells by its size which of the two lost.
    const text = `${key} of ${region} ${'x'.repeat(region === 'primary' ? 0 : 10)}`;
    const aside = join(this.#folder, `${region}-${key}`);
    await writeFile(aside, text);
    await mkdir(join(this.#folder, 'regions', region), { recursive: true });
    try {
      await link(aside, join(this.#folder, 'regions', region, key));
    } catch {
      return;
    }
    this.written.set(key, { ...this.written.get(key), [region]: text });
  }
}

async function conflicts(url: string): Promise<readonly ConflictView[]> {
  const found: ConflictView[] = [];
  let cursor = '';
  do {
    const page = (await (await fetch(`${url}/conflicts?limit=100${cursor}`)).json()) as { conflicts: ConflictView[]; cursor?: string };
    found.push(...page.conflicts);
    cursor = page.cursor === undefined ? '' : `&cursor=${page.cursor}`;
  } while (cursor !== '');
  return found;
}

it(`ends equal, with every write that lost told, when it is killed ${KILLS} times under load`, async () => {
  const clock = new SystemClock();
  const [primary, secondary] = REGIONS.map((region) => new FolderBucket(join(directory.folder, 'regions', region), { clock }));
  if (!primary || !secondary) throw new Error('two regions');
  const users = new Users(directory.folder);
  host = new ChildHost(directory.folder);
  await host.ready();

  for (let kill = 0; kill < KILLS; kill++) {
    // Every fourth dies while it still starts, the others once they work.
    if (kill % 4 !== 3) await host.ready();
    const load = (async () => {
      for (let key = 0; key < KEYS_A_ROUND; key++) await users.writeBoth(`key-${kill}-${key}`);
    })();
    const moment = users.written.size + randomInt(1, KEYS_A_ROUND);
    await expect.poll(() => users.written.size >= moment, { timeout: 20_000, interval: 1 }).toBe(true);
    await host.kill();
    await load;
    host = new ChildHost(directory.folder);
  }
  const url = await host.ready();

  await expect.poll(() => compare(primary, secondary), { timeout: 60_000, interval: 100 }).toEqual(NOTHING);
  const told = await conflicts(url);
  const lost: string[] = [];
  let contested = 0;
  for (const [key, by] of users.written) {
    const final = await textOf(primary, key);
    for (const region of REGIONS) {
      const text = by[region];
      if (text === undefined || text === final) continue;
      contested++;
      const isTold = told.some((each) => each.key === key && each.loser.region === region && each.loser.size === text.length);
      if (!isTold) lost.push(`${key}: ${region} wrote ${text}, and ${String(final)} stands there`);
    }
    if (!Object.values(by).includes(final ?? '')) lost.push(`${key}: ${String(final)} was never written`);
  }
  expect(lost).toEqual([]);
  expect(contested).toBeGreaterThan(KILLS);
  host.process.kill('SIGTERM');
  expect(await host.exit()).toBe(0);
  expect(await compare(primary, secondary)).toEqual(NOTHING);
}, 150_000);
