/** A backfill on the host as people start it: killed in the middle twice, while live events flow. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { createRoot } from '../../lib/adapters/filesystem/root.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import type { TidemarkInput } from '../../lib/config/define.ts';
import type { RegionStore } from '../../lib/ports/objects.ts';
import { inParallel } from '../contract/object-store-support.ts';
import { AWKWARD_KEYS, isPosixPath } from '../fixtures/awkward-keys.ts';
import { ChildHost, newWorkingDirectory } from './child-host.ts';
import { S3Pair } from './s3-pair.ts';
import { serversAvailable } from './s3-support.ts';
import { put, textOf } from './support.ts';

const KEYS = 2_200;
const PATIENCE = { timeout: 90_000, interval: 20 };
const ENDS = { srcRegion: 'primary', dstRegion: 'secondary' };

let host: ChildHost;
let dispose: (() => Promise<void>)[] = [];

afterEach(async () => {
  await host?.kill();
  for (const each of dispose.reverse()) await each();
  dispose = [];
});

async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${host.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return JSON.parse(await answer.text());
}

/** A little room in the queue, so that the walk is held back for long enough to be killed; comparisons by the clock stay away. */
async function workingDirectory(regions?: TidemarkInput['regions']): Promise<string> {
  const directory = await newWorkingDirectory(regions);
  dispose.push(directory.dispose);
  const places = regions ?? { primary: { folder: 'regions/primary' }, secondary: { folder: 'regions/secondary' } };
  const config: TidemarkInput = {
    regions: places,
    routes: [{ from: 'primary', to: 'secondary' }],
    limits: { reconcileSec: 86_400, backfillWaiting: 50, concurrency: 32 },
  };
  await writeFile(join(directory.folder, 'tidemark.config.ts'), `export default ${JSON.stringify(config)};\n`);
  return directory.folder;
}

interface Scene {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly source: RegionStore;
  readonly destination: RegionStore;
  readonly keys: readonly string[];
}

/** @returns what became of a backfill of all keys that saw its host killed twice */
async function killedTwice({ folder, env, source, destination, keys }: Scene): Promise<Record<string, unknown>> {
  const restart = async (): Promise<void> => {
    host = new ChildHost(folder, { env });
    await host.ready();
  };
  await restart();
  const { id } = await call('POST', '/backfill', { ...ENDS, mode: 'all' });
  const view = (): Promise<Record<string, unknown>> => call('GET', `/backfill/${String(id)}`);

  for (const listed of [1_000, 2_000]) {
    await expect.poll(async () => Number((await view()).listed), PATIENCE).toBeGreaterThanOrEqual(listed);
    const before = await view();
    await host.kill();
    expect(before).toMatchObject({ status: 'running' });
    await restart();
    expect(Number((await view()).listed)).toBeGreaterThanOrEqual(Number(before.listed));
    // Live events go on meanwhile.
    await put(source, `live/after-${listed}`, 'live');
    await call('POST', '/events/ingest', { events: [{ op: 'PUT', key: `live/after-${listed}`, ...ENDS, ts: Date.now() }] });
    await expect.poll(() => textOf(destination, `live/after-${listed}`), PATIENCE).toBe('live');
  }

  await expect.poll(async () => (await view()).status, PATIENCE).toBe('done');
  const backlog = async (): Promise<number> => Number(Object((await call('GET', '/metrics')).backlog).objects);
  await expect.poll(backlog, PATIENCE).toBe(0);
  const missing: string[] = [];
  await inParallel(keys, 16, async (key) => {
    if ((await textOf(destination, key)) !== key) missing.push(key);
  });
  expect(missing).toEqual([]);
  return view();
}

/** `live/…` was written while it ran: it may be among what was listed. */
function expectEachListedOnce(ended: Record<string, unknown>, keys: readonly string[]): void {
  expect(Number(ended.listed)).toBeGreaterThanOrEqual(keys.length);
  expect(Number(ended.listed)).toBeLessThanOrEqual(keys.length + 2);
  expect(ended.enqueued).toBe(ended.listed);
  expect(ended).toMatchObject({ failed: 0, timeLeftMs: 0 });
}

it('between folders: killed twice, it ends with every key, and lists none of its pages twice', async () => {
  const folder = await workingDirectory();
  const clock = new SystemClock();
  const [source, destination] = ['primary', 'secondary'].map((region) => new FolderBucket(join(folder, 'regions', region), { clock }));
  if (!source || !destination) throw new Error('two regions');
  for (const { path } of [source, destination]) await createRoot(path);
  const keys = [...AWKWARD_KEYS.map(({ key }) => key), ...Array.from({ length: KEYS - AWKWARD_KEYS.length }, (_, n) => `data/${n % 13}/${n}`)];
  await inParallel(keys, 16, (key) => put(source, key, key));

  expectEachListedOnce(await killedTwice({ folder, env: {}, source, destination, keys }), keys);
}, 240_000);

describe.skipIf(!serversAvailable())('between S3 servers', () => {
  it('minio to versitygw: killed twice, it ends with every key, and lists none of its pages twice', async () => {
    const pair = await S3Pair.create({ source: 'minio', destination: 'versitygw', versioned: false });
    dispose.push(() => pair.dispose());
    const folder = await workingDirectory(pair.regions());
    const { source, destination } = pair;
    // versitygw holds no name of 255 bytes for long: see the capability matrix.
    const awkward = AWKWARD_KEYS.filter(({ label, key }) => isPosixPath(key) && label !== 'a name of 255 bytes').map(({ key }) => key);
    const keys = [...awkward, ...Array.from({ length: KEYS - awkward.length }, (_, n) => `data/${n % 13}/${n}`)];
    await inParallel(keys, 16, (key) => put(source, key, key));

    expectEachListedOnce(await killedTwice({ folder, env: pair.env(), source, destination, keys }), keys);
  }, 240_000);
});
