/** What is too large for a gateway goes to its region by a signed address: by the commands, and by the example client. Two real S3 servers. */
import { randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayClient } from '../../docs/examples/gateway-client.ts';
import { type Ended, tidemark } from './cli.ts';
import { GatewayUnderTest, PATIENCE, serverRegions } from './gateway-support.ts';
import { serversAvailable } from './s3-support.ts';

const BYTES = randomBytes(200_000);
const SMALL = BYTES.subarray(0, 1_000);

describe.skipIf(!serversAvailable())('objects above the limit of a gateway', { timeout: 60_000 }, () => {
  let gateway: GatewayUnderTest;
  let folder: string;
  const run = (...args: readonly string[]): Promise<Ended> => tidemark([...args, '--url', gateway.url], { cwd: folder });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-cli-gateway-'));
    gateway = await GatewayUnderTest.create(await serverRegions('versitygw', 'versitygw'), {}, {}, { put: 100_000, get: 100_000 });
    await writeFile(join(folder, 'large.bin'), BYTES);
    await writeFile(join(folder, 'small.bin'), SMALL);
  });
  afterAll(async () => {
    await gateway.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('are put and got by tidemark, with what is kept of them', async () => {
    const large = await run('put', 'large ü.bin', 'large.bin', '--content-type', 'image/x', '--metadata', 'for=me', '--json');
    const small = await run('put', 'small.bin', 'small.bin', '--json');
    const there = await run('put', 'large ü.bin', 'large.bin', '--if-none-match', '*');
    const got = await run('get', 'large ü.bin', 'got.bin', '--json');

    expect([large.errors, small.errors, got.errors]).toEqual(['', '', '']);
    expect([large, small].map(({ output }) => JSON.parse(output).signed)).toEqual([true, false]);
    expect(there).toMatchObject({ code: 1, errors: expect.stringContaining('412 PreconditionFailed') });
    expect(JSON.parse(got.output)).toMatchObject({
      size: 200_000,
      region: 'primary',
      fromActive: true,
      checked: expect.stringMatching(/SHA256|MD5/),
    });
    expect((await readFile(join(folder, 'got.bin'))).equals(BYTES)).toBe(true);
    expect((await fetch(gateway.urlOf('large ü.bin'), { redirect: 'manual' })).status).toBe(307);
    const head = await fetch(gateway.urlOf('large ü.bin'), { method: 'HEAD' });
    expect(Object.fromEntries(head.headers)).toMatchObject({ 'content-type': 'image/x', 'x-amz-meta-for': 'me', 'content-length': '200000' });
  });

  it('are put and got by the example client', async () => {
    const client = gatewayClient({ url: gateway.url });
    for (const [key, name, bytes] of [
      ['example/large', 'large.bin', BYTES],
      ['example/small', 'small.bin', SMALL],
    ] as const) {
      await client.put(key, await openAsBlob(join(folder, name)), 'image/x');
      const answer = await client.get(key);

      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes), key).toBe(true);
      expect(answer.headers.get('content-type')).toBe('image/x');
    }
    await expect(client.get('example/none')).rejects.toThrow('GET example/none: 404');
  });

  it('are put by the example client once writes are taken again', async () => {
    const client = gatewayClient({ url: gateway.url, mostBytes: 100_000 });
    await expect.poll(async () => (await gateway.call('POST', '/admin/failover/promote', {})).status, PATIENCE).toBe(200);

    await Promise.all([
      client.put('example/late', await openAsBlob(join(folder, 'large.bin'))),
      client.put('late', await openAsBlob(join(folder, 'small.bin'))),
    ]);

    const answer = await client.get('example/late');
    expect(Buffer.from(await answer.arrayBuffer()).equals(BYTES)).toBe(true);
  });
});
