/** A store that asks to slow down is asked by fewer at a time, by itself; nothing is lost, and nothing ends as an error. */
import { afterEach, describe, expect, it } from 'vitest';
import { compare } from './load.ts';
import { S3HostUnderTest, serversAvailable } from './s3-support.ts';
import { put } from './support.ts';

describe.skipIf(!serversAvailable())('a destination that bears two requests at a time', () => {
  let host: S3HostUnderTest;
  afterEach(() => host.dispose());

  it('gets every object, and is soon asked no more than it bears', async () => {
    host = await S3HostUnderTest.create({ source: 'versitygw', destination: 'minio', versioned: false, gated: true });
    const gate = host.pair.gate('destination');
    const keys = Array.from({ length: 40 }, (_, n) => `k/${n}`);
    await host.call('POST', '/routes/primary-secondary/pause', {});
    for (const key of keys) await put(host.source, key, key);
    await expect
      .poll(async () => ((await host.call('GET', '/metrics')).body.counts as { pending: number }).pending, { timeout: 25_000 })
      .toBeGreaterThanOrEqual(keys.length);
    gate.latencyMs = 500;
    gate.slows = (_asked, atOnce) => atOnce > 2;

    await host.call('POST', '/routes/primary-secondary/resume', {});
    await expect
      .poll(async () => (await host.destination.list({ prefix: 'k/' })).objects.length, { timeout: 50_000, interval: 200 })
      .toBe(keys.length);

    // Without a window all come back together, and are refused again and again.
    expect(gate.slowed).toBeGreaterThan(0);
    expect(gate.slowed).toBeLessThan(2 * keys.length);
    gate.latencyMs = 0;
    gate.slows = () => false;
    await host.settles();
    expect(await compare(host.source, host.destination)).toEqual({ lost: [], stale: [], extra: [] });
    expect(((await host.call('GET', '/metrics')).body.counts as { error: number }).error).toBe(0);
  }, 90_000);
});
