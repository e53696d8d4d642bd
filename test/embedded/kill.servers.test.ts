import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { ChildHost, newWorkingDirectory } from './child-host.ts';
import { compare, Load, torn } from './load.ts';

const KILLS = 20;
const NOTHING = { lost: [], stale: [], extra: [] };
/** A look after a dead worker comes two minutes later (SPEC.md, R2): reached only when a test fails. */
const CONVERGENCE = { timeout: 180_000, interval: 100 };

let directory: Awaited<ReturnType<typeof newWorkingDirectory>>;
let host: ChildHost;

beforeEach(async () => {
  directory = await newWorkingDirectory();
});

afterEach(async () => {
  await host.kill();
  await directory.dispose();
});

it(`loses, tears and forgets nothing when it is killed ${KILLS} times under load`, async () => {
  const clock = new SystemClock();
  const [source, destination] = ['primary', 'secondary'].map((region) => new FolderBucket(join(directory.folder, 'regions', region), { clock }));
  if (!source || !destination) throw new Error('two regions');
  host = new ChildHost(directory.folder);
  await host.ready();
  const load = new Load(source);
  load.start();
  const everTorn: string[] = [];
  /** With what the host knows of the keys that differ. */
  const explained = async (error: unknown): Promise<never> => {
    const { lost, stale, extra } = await compare(source, destination);
    const about = [...lost, ...stale, ...extra].map((key) => `/events?keyLike=${encodeURIComponent(key)}`);
    const answers = ['/healthz', '/metrics', ...about].map(async (path) => `${path}: ${await (await fetch(`${host.url}${path}`)).text()}`);
    throw new Error([host.errors.slice(-2000), ...(await Promise.all(answers))].join('\n'), { cause: error });
  };

  for (let kill = 0; kill < KILLS; kill++) {
    // Every fourth dies while it still starts, the others once they work.
    if (kill % 4 !== 3) await host.ready();
    const moment = load.changes + randomInt(1, 60);
    await expect.poll(() => load.changes >= moment, { timeout: 20_000, interval: 1 }).toBe(true);
    await host.kill();
    everTorn.push(...(await torn(destination)));
    host = new ChildHost(directory.folder);
  }
  await host.ready();
  await load.stop();

  await expect
    .poll(() => compare(source, destination), CONVERGENCE)
    .toEqual(NOTHING)
    .catch(explained);
  expect(everTorn).toEqual([]);
  expect(await torn(destination)).toEqual([]);
  expect(load.changes).toBeGreaterThan(KILLS * 10);
  host.process.kill('SIGTERM');
  expect(await host.exit()).toBe(0);
  expect(await compare(source, destination)).toEqual(NOTHING);
}, 300_000);
