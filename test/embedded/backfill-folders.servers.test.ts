/** Backfills that are killed, on the host as people start it. Between S3 servers: backfill.servers.test.ts. */
import { join } from 'node:path';
import { afterEach, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { createRoot } from '../../lib/adapters/filesystem/root.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { inParallel } from '../contract/object-store-support.ts';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';
import { cleanUp, expectEachListedOnce, KEYS, killedTwice, workingDirectory } from './killed-backfill.ts';
import { put } from './support.ts';

afterEach(cleanUp);

it('between folders: killed twice, it ends with every key, and lists none of its pages twice', async () => {
  const folder = await workingDirectory();
  const clock = new SystemClock();
  const [source, destination] = ['primary', 'secondary'].map((region) => new FolderBucket(join(folder, 'regions', region), { clock }));
  if (!source || !destination) throw new Error('two regions');
  for (const { path } of [source, destination]) await createRoot(path);
  const keys = [...AWKWARD_KEYS.map(({ key }) => key), ...Array.from({ length: KEYS - AWKWARD_KEYS.length }, (_, n) => `data/${n % 13}/${n}`)];
  await inParallel(keys, 16, (key) => put(source, key, key));

  expectEachListedOnce(await killedTwice({ folder, env: {}, source, destination, keys }), keys);
}, 240_000);
