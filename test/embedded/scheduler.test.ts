import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { createRoot } from '../../lib/adapters/filesystem/root.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { defineTidemark } from '../../lib/config/define.ts';
import { TidemarkError } from '../../lib/core/errors.ts';
import { type Composed, compose } from '../../lib/local/compose.ts';
import { Scheduler } from '../../lib/local/scheduler.ts';
import { noteReconciled } from '../../lib/usecases/backfill/store.ts';
import { comparisons, expectScheduled } from '../../lib/usecases/comparisons.ts';
import { health } from '../../lib/usecases/health.ts';
import { metrics } from '../../lib/usecases/metrics.ts';
import { put } from './support.ts';

const PATIENCE = { timeout: 25_000, interval: 20 };

interface Setup {
  readonly composed: Composed;
  readonly said: readonly string[];
  readonly schedulerWith: (watch: () => Promise<undefined>) => Scheduler;
}

let base: string;
let setup: Setup;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidemark-scheduler-'));
  const regions = { primary: { folder: join(base, 'primary') }, secondary: { folder: join(base, 'secondary') } };
  for (const { folder } of Object.values(regions)) await createRoot(folder);
  const clock = new SystemClock();
  await put(new FolderBucket(regions.primary.folder, { clock }), 'new.txt', 'text');
  const said: string[] = [];
  const quiet = (): void => undefined;
  const log = { debug: (message: string): void => void said.push(message), info: quiet, warn: quiet, error: quiet };
  const config = defineTidemark({ regions, routes: [{ from: 'primary', to: 'secondary' }] });
  const composed = await compose({ config, env: {}, databaseUrl: ':memory:', clock, log });
  const schedulerWith: Setup['schedulerWith'] = (watch) =>
    new Scheduler({ ...composed, deadLetters: async () => ({ batchItemFailures: [] }), watch });
  setup = { composed, said, schedulerWith };
});

afterEach(async () => {
  setup.composed.close();
  await rm(base, { recursive: true, force: true });
});

it('compares no route while more than a thousand messages wait, and does so afterwards', async () => {
  const { queue } = setup.composed;
  await queue.send(Array.from({ length: 1_001 }, (_, n) => ({ body: `message ${n}` })));
  const scheduler = setup.schedulerWith(async () => undefined);

  scheduler.start();
  await expect.poll(() => setup.said, PATIENCE).toContain('the route is compared when the queue is shorter');
  const during = (await queue.stats()).waiting;
  const [first] = await queue.receive({ max: 1, visibilitySec: 600 });
  await queue.acknowledge(first ? [first.receipt] : []);
  scheduler.reconcileSoon('primary');

  await expect.poll(async () => (await queue.stats()).waiting, PATIENCE).toBe(1_001);
  expect(during).toBe(1_001);
  await scheduler.stop();
});

it('knows since when a comparison is expected, and when the last one that ended well was begun', async () => {
  const { runtime } = setup.composed;
  let fails = true;
  const scheduler = setup.schedulerWith(async () => {
    if (fails) throw new TidemarkError('ACCESS_DENIED', 'no');
  });
  const claims = async () => runtime.backfills.claims('primary-secondary');

  scheduler.start();
  await expect.poll(async () => (await claims()).awaited, PATIENCE).toEqual({ reconcile: expect.any(Number) });
  expect((await claims()).reconciled).toBeUndefined();
  fails = false;
  scheduler.reconcileSoon('primary');

  await expect.poll(async () => (await claims()).reconciled, PATIENCE).toBeGreaterThanOrEqual((await claims()).awaited?.reconcile ?? 0);
  const { scheduled } = await metrics(runtime);
  expect(scheduled['primary-secondary']).toMatchObject({ reconcile: { everyMs: 60_000, late: false } });
  await scheduler.stop();
});

it('expects a comparison anew where nobody was there to begin one', async () => {
  const { runtime } = setup.composed;
  const before = runtime.clock.now() - 90 * 86_400_000;
  await expectScheduled({ ...runtime, clock: { now: () => before, sleep: async () => undefined } });
  await noteReconciled(runtime.backfills, 'primary-secondary', before);
  const late = async () => (await comparisons(runtime, runtime.clock.now())).scheduled['primary-secondary']?.reconcile?.late;
  expect(await late()).toBe(true);

  await setup.schedulerWith(async () => undefined).recover();

  expect(await late()).toBe(false);
});

it('says in health when a route cannot be compared again and again, until it can', async () => {
  const { runtime } = setup.composed;
  let fails = true;
  let runs = 0;
  const scheduler = setup.schedulerWith(async () => {
    runs++;
    if (fails) throw new TidemarkError('ACCESS_DENIED', 'lost+found cannot be read');
    return undefined;
  });
  const comparison = async (): Promise<unknown> =>
    (await health(runtime)).checks.find(({ what }) => what === 'comparison of route primary-secondary') ?? 'nothing';
  const runAgain = async (): Promise<void> => {
    const before = runs;
    scheduler.reconcileSoon('primary');
    await expect.poll(() => runs, PATIENCE).toBeGreaterThan(before);
  };

  scheduler.start();
  await expect.poll(() => runs, PATIENCE).toBe(1);
  expect(await comparison()).toBe('nothing');
  await runAgain();
  await expect.poll(comparison, PATIENCE).toMatchObject({ ok: false, code: 'ACCESS_DENIED', message: 'lost+found cannot be read' });
  fails = false;
  await runAgain();

  await expect.poll(comparison, PATIENCE).toBe('nothing');
  await scheduler.stop();
});

it('removes reports once they were kept for as long as a bucket keeps them', async () => {
  const { composed } = setup;
  const { reports, runtime } = composed;
  await reports.put('job/report.jsonl', 3, Buffer.from('{}\n'));
  const startedAfter = (days: number): Scheduler => {
    const clock = { now: () => Date.now() + days * 86_400_000, sleep: runtime.clock.sleep.bind(runtime.clock) };
    const parts = { ...composed, runtime: { ...runtime, clock }, deadLetters: async () => ({ batchItemFailures: [] }), watch: async () => undefined };
    const scheduler = new Scheduler(parts);
    scheduler.start();
    return scheduler;
  };

  await startedAfter(399).stop();
  expect(await reports.read('job/report.jsonl')).not.toBeNull();
  await startedAfter(401).stop();

  expect(await reports.read('job/report.jsonl')).toBeNull();
});
