import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { createRoot } from '../../lib/adapters/filesystem/root.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { defineTidemark } from '../../lib/config/define.ts';
import { compose } from '../../lib/local/compose.ts';
import { Scheduler } from '../../lib/local/scheduler.ts';
import { put } from './support.ts';

const PATIENCE = { timeout: 25_000, interval: 20 };

it('compares no route while more than a thousand messages wait, and does so afterwards', async () => {
  const base = await mkdtemp(join(tmpdir(), 'tidemark-backlog-'));
  const regions = { primary: { folder: join(base, 'primary') }, secondary: { folder: join(base, 'secondary') } };
  for (const { folder } of Object.values(regions)) await createRoot(folder);
  const clock = new SystemClock();
  await put(new FolderBucket(regions.primary.folder, { clock }), 'new.txt', 'text');
  const said: string[] = [];
  const quiet = (): void => undefined;
  const log = { debug: (message: string): void => void said.push(message), info: quiet, warn: quiet, error: quiet };
  const config = defineTidemark({ regions, routes: [{ from: 'primary', to: 'secondary' }] });
  const { runtime, queue, upkeep, close } = await compose({ config, env: {}, databaseUrl: ':memory:', clock, log });
  await queue.send(Array.from({ length: 1_001 }, (_, n) => ({ body: `message ${n}` })));
  const scheduler = new Scheduler({ runtime, queue, upkeep, deadLetters: async () => ({ batchItemFailures: [] }), watch: async () => undefined });

  scheduler.start();
  await expect.poll(() => said, PATIENCE).toContain('the route is compared when the queue is shorter');
  const during = (await queue.stats()).waiting;
  const [first] = await queue.receive({ max: 1, visibilitySec: 600 });
  await queue.acknowledge(first ? [first.receipt] : []);
  scheduler.reconcileSoon('primary');

  await expect.poll(async () => (await queue.stats()).waiting, PATIENCE).toBe(1_001);
  expect(during).toBe(1_001);
  await scheduler.stop();
  close();
  await rm(base, { recursive: true, force: true });
});
