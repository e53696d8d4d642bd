import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRoot } from '../../lib/adapters/filesystem/root.ts';
import { HostUnderTest, put } from './support.ts';

const KEYS = ['a.txt', 'b/c.txt'];

let host: HostUnderTest;
const root = (): string => join(host.folder, 'regions', 'primary');
const health = async (): Promise<string> => JSON.stringify((await host.call('GET', '/healthz')).body);

/** Another folder comes to stand in the place of the source. It holds something: what lists nothing deletes nothing anyway. */
async function repoint(): Promise<void> {
  await rename(root(), join(host.folder, 'former'));
  await createRoot(root());
  await writeFile(join(root(), 'other.txt'), 'other');
}

beforeEach(async () => {
  host = await HostUnderTest.create({ reconcileSec: 1, deleteGraceSec: 0 });
  for (const key of KEYS) await put(host.source, key, key);
  await Promise.all(KEYS.map((key) => host.arrives(key, key)));
  await host.eventually(() => host.open(), 0);
  await host.stop();
});
afterEach(() => host.dispose());

describe('a route whose source is another folder than before', () => {
  it('deletes nothing until a person says so', async () => {
    await repoint();
    await host.start();

    // The reconcile has found what is gone, and a delete was tried.
    await host.eventually(
      async () => (await host.events('&status=pending')).filter(({ lastError }) => lastError?.includes('DELETES_PAUSED')).length,
      2,
    );
    for (const key of KEYS) await host.arrives(key, key);
    expect((await host.call('GET', '/healthz')).status).toBe(503);
    expect(await health()).toContain('deletes of route primary-secondary have been paused');

    const resumed = await host.call('POST', '/routes/primary-secondary/resume', { acceptDeletes: true });

    expect(resumed.status).toBe(200);
    for (const key of KEYS) await host.goes(key);
    expect((await host.call('GET', '/healthz')).status).toBe(200);
  }, 60_000);

  it('stays resumed at the next start', async () => {
    await repoint();
    await host.start();
    await host.call('POST', '/routes/primary-secondary/resume', { acceptDeletes: true });
    await host.stop();

    await host.start();

    expect(await health()).not.toContain('paused');
  }, 60_000);

  it('believes nothing of a folder that is put there while the host runs without the former one', async () => {
    await rename(root(), join(host.folder, 'former'));
    await host.start();
    await createRoot(root());
    await writeFile(join(root(), 'other.txt'), 'other');

    await host.eventually(async () => (await health()).includes('another folder stands at'), true);
    for (const key of KEYS) await host.arrives(key, key);

    await rename(root(), join(host.folder, 'other'));
    await rename(join(host.folder, 'former'), root());
    await host.eventually(async () => (await host.call('GET', '/healthz')).status, 200);
  }, 60_000);
});
