/** A backfill on the host as people start it: killed in the middle twice, while live events flow. Used by two files of tests. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TidemarkInput } from '../../lib/config/define.ts';
import type { RegionStore } from '../../lib/ports/objects.ts';
import { inParallel } from '../contract/object-store-support.ts';
import { ChildHost, newWorkingDirectory } from './child-host.ts';
import { put, textOf } from './support.ts';

export const KEYS = 2_200;
const PATIENCE = { timeout: 90_000, interval: 20 };
const ENDS = { srcRegion: 'primary', dstRegion: 'secondary' };

let host: ChildHost;
let dispose: (() => Promise<void>)[] = [];

/** After each test. */
export async function cleanUp(): Promise<void> {
  await host?.kill();
  for (const each of dispose.reverse()) await each();
  dispose = [];
}

export function disposeOf(each: () => Promise<void>): void {
  dispose.push(each);
}

async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${host.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return JSON.parse(await answer.text());
}

/** A little room in the queue, so that the walk is held back for long enough to be killed; comparisons by the clock stay away. */
export async function workingDirectory(regions?: TidemarkInput['regions']): Promise<string> {
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
export async function killedTwice({ folder, env, source, destination, keys }: Scene): Promise<Record<string, unknown>> {
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
export function expectEachListedOnce(ended: Record<string, unknown>, keys: readonly string[]): void {
  expect(Number(ended.listed)).toBeGreaterThanOrEqual(keys.length);
  expect(Number(ended.listed)).toBeLessThanOrEqual(keys.length + 2);
  expect(ended.enqueued).toBe(ended.listed);
  expect(ended).toMatchObject({ failed: 0, timeLeftMs: 0 });
}
