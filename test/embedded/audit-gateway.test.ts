import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seenEntries, seenHeads } from '../../lib/cli/audit-source.ts';
import { ApiClient } from '../../lib/cli/client.ts';
import { hostTransport } from '../../lib/cli/transport/host.ts';
import { defineTidemark } from '../../lib/config/define.ts';
import { type RunningHost, startHost } from '../../lib/local/host.ts';
import { checkTrail } from '../../lib/usecases/audit/check-trail.ts';

const QUIET = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

let folder: string;
let gateway: RunningHost;
let client: ApiClient;
async function start(): Promise<void> {
  const config = defineTidemark({
    regions: { primary: { folder: join(folder, 'primary') }, secondary: { folder: join(folder, 'secondary') } },
    routes: [{ from: 'primary', to: 'secondary', bidirectional: true }],
    gateway: { auditWrites: true, leaseSec: 3 },
  });
  const host = { host: '127.0.0.1', port: 0, databaseUrl: join(folder, 'tidemark.db') };
  gateway = await startHost({ config, host, env: {}, log: QUIET, gatewayAlone: true });
  client = new ApiClient(hostTransport(gateway.url, {}));
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-gateway-'));
  await start();
});
afterEach(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true, force: true });
});

it('a gateway that runs alone tells of its switches and writes, and signs what it told', { timeout: 60_000 }, async () => {
  const put = await fetch(`${gateway.url}/objects/docs/readme.md`, { method: 'PUT', body: 'hello' });
  expect([put.status, await put.text()]).toEqual([201, expect.any(String)]);
  await client.post('/admin/failover/promote', { region: 'secondary', force: true });
  const page = await client.get<{ readonly entries: readonly { readonly entry: { readonly action: string } }[] }>('/audit');
  const actions = page.entries.map(({ entry }) => entry.action);
  expect(actions).toEqual(expect.arrayContaining(['failover.begin', 'object.put', 'failover.promote', 'failover.promote.outcome']));
  await gateway.stop();
  await start();

  await expect
    .poll(async () => (await client.get<{ readonly head: { readonly length: number } | null }>('/audit/head')).head?.length, { timeout: 25_000 })
    .toBeGreaterThanOrEqual(actions.length);
  const { publicKey } = await client.get<{ readonly publicKey: string }>('/verify/key');
  expect(await checkTrail(seenEntries(client), await seenHeads(client, publicKey))).toMatchObject({ ok: true, heads: expect.any(Number) });
});
