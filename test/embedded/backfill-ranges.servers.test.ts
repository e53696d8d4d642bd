/** A backfill of many ranges, on a store that lists in order: the walks together queue every key, and each once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { DEFAULT_LIMITS } from '../../lib/config/config.ts';
import { fromEnv } from '../../lib/config/from-env.ts';
import { type Composed, compose } from '../../lib/local/compose.ts';
import { planBackfill } from '../../lib/usecases/backfill/plan.ts';
import { estimateBackfill, startBackfill } from '../../lib/usecases/backfill/start.ts';
import { walkRange } from '../../lib/usecases/backfill/walk.ts';
import { inParallel, put, text } from '../contract/object-store-support.ts';
import { AWKWARD_KEYS, isPosixPath } from '../fixtures/awkward-keys.ts';
import { serverAvailable } from '../fixtures/s3-servers.ts';
import { S3Pair } from './s3-pair.ts';

const KEYS = 3_000;
const PER_RANGE = 200;
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe.skipIf(!serverAvailable('minio'))('between two minio', () => {
  let pair: S3Pair;
  let folder: string;
  let composed: Composed;
  let runtime: Runtime;
  let keys: readonly string[];
  beforeAll(async () => {
    pair = await S3Pair.create({ source: 'minio', destination: 'minio', versioned: false });
    folder = await mkdtemp(join(tmpdir(), 'tidemark-ranges-'));
    const env = pair.env();
    const { config } = fromEnv(env);
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const limits = { ...DEFAULT_LIMITS };
    composed = await compose({ config: { ...config, limits }, env, databaseUrl: join(folder, 't.db'), clock: new SystemClock(), log });
    // Walked by the tests alone.
    runtime = { ...composed.runtime, workflow: { start: async () => undefined, stop: async () => undefined } };
    const awkward = AWKWARD_KEYS.map(({ key }) => key).filter(isPosixPath);
    keys = [...awkward, ...Array.from({ length: KEYS - awkward.length }, (_, n) => `data/${(n * 7919) % 50}/${n}`)];
    await inParallel(keys, 16, (key) => put(pair.source, key, text(key)));
  }, 60_000);
  afterAll(async () => {
    composed?.close();
    await pair?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function ranged(prefix: string, mode: 'missing' | 'all'): Promise<{ readonly id: string; readonly ranges: number }> {
    const [route] = runtime.routes;
    if (!route) throw new Error('there is a route');
    const wanted = { route, prefix, mode };
    const terms = { looks: 100, deadline: Date.now() + 20_000 };
    const started = await startBackfill(runtime, wanted, await estimateBackfill(runtime, wanted, { ...terms, looks: 2 }));
    if ('refused' in started) throw new Error(`refused for ${started.refused}`);
    return { id: started.job.id, ranges: await planBackfill(runtime, started.job.id, { ...terms, keysPerRange: PER_RANGE }) };
  }

  /** All ranges at once, each stopped after every page. */
  async function walkAll(id: string, ranges: number): Promise<void> {
    await Promise.all(
      Array.from({ length: ranges }, async (_, index) => {
        let state = '';
        do {
          ({ state } = await walkRange(runtime, id, index, { deadline: 0, mostWaiting: 1e6, patienceMs: 0, pageKeys: 50 }));
        } while (state === 'more');
        expect(state).toBe('done');
      }),
    );
  }

  async function queued(): Promise<readonly string[]> {
    const found: string[] = [];
    for (;;) {
      const batch = await composed.queue.receive({ max: 100, visibilitySec: 600 });
      if (batch.length === 0) return found.sort(byBytes);
      found.push(...batch.map(({ body }) => String(JSON.parse(body).key)));
      await composed.queue.acknowledge(batch.map(({ receipt }) => receipt));
    }
  }

  it('queues every key once, whatever the ranges', async () => {
    const { id, ranges } = await ranged('', 'all');

    await walkAll(id, ranges);

    expect(ranges).toBeGreaterThan(5);
    expect(await queued()).toEqual([...keys].sort(byBytes));
    const job = await runtime.backfills.get(id);
    expect(job?.status).toBe('done');
  }, 60_000);

  it('queues what no record says is equal, once, below a prefix', async () => {
    const below = keys.filter((key) => key.startsWith('data/'));
    const there = below.filter((_, n) => n % 3 === 0);
    await inParallel(['dat', 'data0', ...below.map((key) => `${key}x`).slice(0, 100)], 16, (key) => put(pair.destination, key, text('extra')));
    await inParallel(there, 16, (key) => put(pair.destination, key, text('another, which no record knows')));

    const { id, ranges } = await ranged('data/', 'missing');
    await walkAll(id, ranges);

    expect(ranges).toBeGreaterThan(5);
    // What stands there without a record of it is looked at, too: nobody has shown that it is equal.
    expect(await queued()).toEqual([...below].sort(byBytes));
  }, 60_000);
});
