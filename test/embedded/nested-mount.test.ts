/** A mount below the source folder goes away while the host runs; what remembers it is written by hand here, since not everyone may mount. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { FolderTrigger } from '../../lib/local/folder-trigger.ts';
import { HostUnderTest, put } from './support.ts';

let host: HostUnderTest;
const root = (): string => join(host.folder, 'regions', 'primary');

beforeEach(async () => {
  host = await HostUnderTest.create({ reconcileSec: 1, deleteGraceSec: 0 });
});
afterEach(() => host.dispose());

it('deletes nothing of what lay below a mount point, says so, and goes on once a person says that it is meant to be gone', async () => {
  const keys = ['photos/1.jpg', 'photos/2.jpg'];
  for (const key of [...keys, 'beside.txt']) await put(host.source, key, key);
  for (const key of [...keys, 'beside.txt']) await host.arrives(key, key);
  await host.eventually(() => host.open(), 0);
  await writeFile(join(root(), '.tidemark/mounts'), 'photos\n');

  await rm(join(root(), 'photos'), { recursive: true });

  await host.eventually(
    async () => (await host.events('&status=pending')).filter(({ lastError }) => lastError?.includes('BUCKET_MISSING')).length > 0,
    true,
  );
  const health = await host.call('GET', '/healthz');
  expect(health.status).toBe(503);
  expect(JSON.stringify(health.body)).toContain(`remove its line from ${root()}/.tidemark/mounts`);
  for (const key of keys) await host.arrives(key, key);

  await writeFile(join(root(), '.tidemark/mounts'), '');
  await host.call('POST', '/replay/run', {});

  for (const key of keys) await host.goes(key);
  await host.arrives('beside.txt', 'beside.txt');
  await host.eventually(async () => (await host.call('GET', '/healthz')).status, 200);
}, 60_000);

it('logs one warning per listing of files that can be no objects, and makes no delivery of them', async () => {
  const warnings: unknown[] = [];
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined, warn: (...said: unknown[]) => warnings.push(said) };
  const bucket = new FolderBucket(root(), { clock: new SystemClock() });
  const sent: string[] = [];
  const queue = { send: async (messages: readonly { readonly body: string }[]) => void sent.push(...messages.map(({ body }) => body)) };
  const trigger = new FolderTrigger({ region: 'primary', bucket, queue, clock: new SystemClock(), log, onMissed: () => undefined });
  await trigger.ensure();
  for (const name of ['caf\xe9', 'stra\xdfe']) await writeFile(Buffer.from(join(root(), name), 'latin1'), 'x');
  await writeFile(join(root(), 'last.txt'), 'x');
  await host.eventually(() => sent.some((body) => body.includes('last.txt')), true);

  await bucket.list({});

  await trigger.close();
  expect(warnings).toEqual([[expect.stringContaining('not copied'), expect.objectContaining({ region: 'primary', count: 2 })]]);
  expect(sent.filter((body) => !body.includes('last.txt'))).toEqual([]);
  expect((await host.events()).filter(({ key }) => key !== 'last.txt')).toEqual([]);
  expect(await readFile(join(root(), 'last.txt'), 'utf8')).toBe('x');
}, 60_000);
