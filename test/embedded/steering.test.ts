/** Steering through the whole host: a route that is paused and resumed, one that is throttled, and a webhook that is told of what ended. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { defineTidemark } from '../../lib/config/define.ts';
import { startHost } from '../../lib/local/host.ts';
import { type Receiver, startReceiver } from '../fixtures/receiver.ts';
import { HostUnderTest, put, textOf } from './support.ts';

const PATIENCE = { timeout: 25_000, interval: 20 };
const ROUTE = 'primary-secondary';
const disposals: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

describe('a paused route', () => {
  it('holds writes, overwrites and deletes through a restart, and settles them when it is resumed', async () => {
    const host = await HostUnderTest.create();
    disposals.push(() => host.dispose());
    await put(host.source, 'kept', 'first');
    await put(host.source, 'gone', 'first');
    await host.arrives('kept', 'first');
    await host.arrives('gone', 'first');

    expect((await host.call('POST', `/routes/${ROUTE}/pause`, {})).status).toBe(200);
    await put(host.source, 'kept', 'second');
    await put(host.source, 'new', 'second');
    await host.source.remove('gone');
    await expect.poll(() => host.open(), PATIENCE).toBe(3);
    await host.stop();
    await host.start();
    const { routes } = (await host.call('GET', '/routes')).body as { routes: { paused: number | null }[] };
    expect(routes[0]?.paused).toEqual(expect.any(Number));
    expect(await Promise.all(['kept', 'new', 'gone'].map((key) => textOf(host.destination, key)))).toEqual(['first', null, 'first']);

    expect((await host.call('POST', `/routes/${ROUTE}/resume`, {})).body).toMatchObject({ paused: null, released: 3, partial: false });
    await host.arrives('kept', 'second');
    await host.arrives('new', 'second');
    await host.goes('gone');
    await host.eventually(() => host.open(), 0);
  });
});

describe('a throttled route', () => {
  it('writes no more than it may, and in the end everything', async () => {
    const host = await HostUnderTest.create({}, {}, { throttle: { objectsPerSec: 20 } });
    disposals.push(() => host.dispose());
    const keys = Array.from({ length: 60 }, (_, n) => `k${n}`);
    await Promise.all(keys.map((key) => put(host.source, key, 'hello')));

    await expect.poll(async () => (await host.destination.list({})).objects.length, PATIENCE).toBe(60);
    await host.eventually(() => host.open(), 0);
    const times = (await host.destination.list({})).objects.map(({ lastModified }) => lastModified);
    // A second's worth went at once, and as many as it may in each second after it.
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1_500);
  });
});

describe('a webhook', () => {
  async function start(receiver: Receiver, folder: string, env: Record<string, string> = { HOOK_SECRET: receiver.secret }) {
    const regions = { primary: { folder: join(folder, 'primary') }, secondary: { folder: join(folder, 'secondary') } };
    const completions = { webhook: { url: receiver.url, secretEnv: 'HOOK_SECRET' } };
    const config = defineTidemark({ regions, routes: [{ from: 'primary', to: 'secondary' }], completions });
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    return startHost({ config, env, log, host: { host: '127.0.0.1', port: 0, databaseUrl: join(folder, 'tidemark.db') } });
  }

  it('that fails at first is told of each object, signed, though the host stopped meanwhile', async () => {
    const receiver = await startReceiver();
    disposals.push(() => receiver.stop());
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-hook-'));
    disposals.push(() => rm(folder, { recursive: true, force: true }));
    let host = await start(receiver, folder);
    disposals.push(() => host.stop());
    const source = new FolderBucket(join(folder, 'primary'), { clock: new SystemClock() });
    receiver.refusals.push(...Array.from({ length: 6 }, () => 500));

    await put(source, 'a', 'hello');
    await put(source, 'b', 'hello');
    await expect.poll(() => receiver.asked, PATIENCE).toBeGreaterThanOrEqual(2);
    await host.stop();
    host = await start(receiver, folder);

    await expect
      .poll(() => new Set(receiver.received.map(({ type, data }) => `${type}: ${data.key}`)), PATIENCE)
      .toEqual(new Set(['Object Replicated: a', 'Object Replicated: b']));
    expect(receiver.forged).toEqual([]);
    const figures = async () => ((await (await fetch(`${host.url}/metrics`)).json()) as { completions: unknown }).completions;
    await expect.poll(figures, PATIENCE).toEqual({ waiting: 0, dead: 0 });
  });

  it('needs its secret, and says where it is looked for', async () => {
    const receiver = await startReceiver();
    disposals.push(() => receiver.stop());
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-hook-'));
    disposals.push(() => rm(folder, { recursive: true, force: true }));

    await expect(start(receiver, folder, {})).rejects.toThrow(/^HOOK_SECRET: not set, but completions.webhook takes its secret from it/);
    await expect(start(receiver, folder, { HOOK_SECRET: 'short' })).rejects.toThrow(/^HOOK_SECRET: a webhook's secret is 24 bytes or more/);
  });
});
