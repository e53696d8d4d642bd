/** `tidemark serve --gateway` beside a host, as people start both: without a configuration file, by the variables of the mission. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderAuditHeads } from '../../lib/adapters/filesystem/audit-heads.ts';
import { ChildHost } from './child-host.ts';
import { tidemark } from './cli.ts';
import { PATIENCE } from './gateway-support.ts';

const run = promisify(execFile);
const ENV = { FAILOVER_MODE: 'manual' };
const CONFIG = {
  regions: { primary: { folder: 'regions/primary' }, secondary: { folder: 'regions/secondary' } },
  routes: [{ from: 'primary', to: 'secondary', bidirectional: true }],
  gateway: { mode: 'manual', leaseSec: 3 },
};

let folder: string;
const processes: ChildHost[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-gateway-alone-'));
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  await rm(folder, { recursive: true, force: true });
});

function launch(...command: readonly string[]): ChildHost {
  const started = new ChildHost(folder, { env: ENV, command });
  processes.push(started);
  return started;
}

it('writes and reads by curl, and the host beside it replicates', async () => {
  await writeFile(join(folder, 'README.md'), '# read me\n');
  const host = launch('serve');
  await host.ready();
  const gateway = launch('serve', '--gateway');
  const url = await gateway.ready();

  await run('curl', ['-sS', '-f', '-X', 'PUT', '--data-binary', '@README.md', '-H', 'Content-Type: text/markdown', `${url}/objects/docs/readme.md`], {
    cwd: folder,
  });
  await run('curl', ['-sS', '-f', `${url}/objects/docs/readme.md`, '-o', 'out.md'], { cwd: folder });

  expect(await readFile(join(folder, 'out.md'), 'utf8')).toBe('# read me\n');
  await expect.poll(() => readFile(join(folder, 'data/regions/secondary/docs/readme.md'), 'utf8').catch(() => null), PATIENCE).toBe('# read me\n');
  expect(gateway.output).toContain('It replicates nothing by itself');
  // What is the host's is not here.
  expect((await fetch(`${url}/events`)).status).toBe(404);
  const status = await tidemark(['status', '--url', url]);
  expect([status.code, status.errors]).toEqual([1, expect.stringContaining('ask: tidemark failover status')]);
});

it('agrees with the host on who is active, and outlives it', async () => {
  await writeFile(join(folder, 'tidemark.config.ts'), `export default ${JSON.stringify(CONFIG)};\n`);
  const host = launch('serve');
  const hostUrl = await host.ready();
  const gateway = launch('serve', '--gateway');
  const url = await gateway.ready();

  const promoted = await fetch(`${url}/admin/failover/promote`, { method: 'POST' });
  const state = await fetch(`${hostUrl}/admin/state`);
  await host.kill();

  expect(promoted.status).toBe(200);
  expect(await state.json()).toMatchObject({ active: 'secondary', epoch: 2 });
  await expect.poll(async () => (await fetch(`${url}/objects/k`, { method: 'PUT', body: 'x' })).status, PATIENCE).toBe(201);
  expect((await fetch(`${url}/objects/k`)).headers.get('x-tidemark-region')).toBe('secondary');
});

it('takes no writes where its database was removed under it, and begins nothing anew beside what was signed', async () => {
  await writeFile(join(folder, 'tidemark.config.ts'), `export default ${JSON.stringify(CONFIG)};\n`);
  const first = launch('serve', '--gateway');
  const url = await first.ready();
  const put = async (to: string) => (await fetch(`${to}/objects/k`, { method: 'PUT', body: 'x' })).status;
  expect(await put(url)).toBe(201);
  // As it is signed each minute.
  await new FolderAuditHeads(join(folder, 'audit-heads')).put({
    length: 1,
    hash: 'h',
    at: 1,
    algorithm: 'Ed25519',
    publicKey: 'k',
    signature: 's',
  });

  for (const name of await readdir(folder)) if (name.startsWith('tidemark.db')) await rm(join(folder, name));
  const second = launch('serve', '--gateway');
  const beside = await second.ready();

  const refused = await fetch(`${beside}/objects/k`, { method: 'PUT', body: 'y' });
  expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
    503,
    expect.stringContaining('the control record is gone'),
  ]);
  await expect.poll(() => put(url), PATIENCE).toBe(503);
});
