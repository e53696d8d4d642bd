import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { ChildHost, newWorkingDirectory } from './child-host.ts';
import { compare, Load } from './load.ts';

/** The host ends within 10 s on a machine that has time for it; a stop that hung would take the 30 s that a request may. */
const STOP_WITHIN_MS = 20_000;
const INTERRUPTED = 130;
const NOTHING = { lost: [], stale: [], extra: [] };

let directory: Awaited<ReturnType<typeof newWorkingDirectory>>;
let host: ChildHost;

beforeEach(async () => {
  directory = await newWorkingDirectory();
  host = new ChildHost(directory.folder);
  await host.ready();
});

afterEach(async () => {
  await host.kill();
  await directory.dispose();
});

const region = (name: string): FolderBucket => new FolderBucket(join(directory.folder, 'regions', name), { clock: new SystemClock() });

describe('SIGTERM', () => {
  it('under load ends with 0, and the next start finds everything', async () => {
    const load = new Load(region('primary'));
    load.start();
    await expect.poll(() => load.changes > 100, { timeout: 20_000 }).toBe(true);

    host.process.kill('SIGTERM');
    const code = await host.exit(STOP_WITHIN_MS);
    await load.stop();

    expect(code).toBe(0);
    expect(host.errors).toBe('');
    host = new ChildHost(directory.folder);
    await host.ready();
    await expect.poll(() => compare(region('primary'), region('secondary')), { timeout: 30_000, interval: 100 }).toEqual(NOTHING);
  }, 90_000);

  it('ends with 0 though a caller never finishes its request', async () => {
    const slow = await slowRequest(await host.ready());

    host.process.kill('SIGTERM');

    expect(await host.exit(STOP_WITHIN_MS)).toBe(0);
    slow.destroy();
  });

  it('twice ends at once', async () => {
    const slow = await slowRequest(await host.ready());
    host.process.kill('SIGTERM');
    await expect.poll(() => host.output, { timeout: 5_000 }).toContain('Stopping');

    host.process.kill('SIGTERM');

    expect(await host.exit()).toBe(INTERRUPTED);
    slow.destroy();
  });
});

/** A request whose body never comes; resolves when the host has it in hand. */
async function slowRequest(url: string): Promise<ReturnType<typeof connect>> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(`POST /events/ingest HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n`);
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('utf8');
  });
  await expect.poll(() => answer, { timeout: 10_000 }).toContain('100 Continue');
  return socket;
}
