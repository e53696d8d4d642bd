/** Two sides that hold the same keys, and a database whose records say so: nothing is left for a backfill to ask for. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { FolderBucket } from '../../../lib/adapters/filesystem/bucket.ts';
import { createRoot } from '../../../lib/adapters/filesystem/root.ts';
import { createS3Region } from '../../../lib/adapters/s3/index.ts';
import { openDatabase } from '../../../lib/adapters/sqlite/database.ts';
import { SqliteReplicationState } from '../../../lib/adapters/sqlite/replication-state.ts';
import { SystemClock } from '../../../lib/adapters/system/clock.ts';
import type { TidemarkConfig } from '../../../lib/config/config.ts';
import { defineTidemark } from '../../../lib/config/define.ts';
import { emptyRecord, type ReplicationRecord } from '../../../lib/core/objects/record.ts';
import type { Bucket, ListedObject } from '../../../lib/ports/objects.ts';
import type { S3Server } from '../../fixtures/s3-servers.ts';
import { optionsOf } from './servers.ts';
import { forEachOf, keyOf } from './small-objects.ts';
import { configOf, keysFor } from './whole-path.ts';

export interface EqualSides {
  readonly config: TidemarkConfig;
  readonly env: Readonly<Record<string, string>>;
  readonly keys: number;
}

const AT_ONCE = 64;

/** Empty files, as many as there are keys, in two folders below `parent`. */
export async function equalFolders(parent: string, keys: number, databaseUrl: string): Promise<EqualSides> {
  const folders = [join(parent, 'primary'), join(parent, 'secondary')] as const;
  for (const folder of folders) {
    await createRoot(folder);
    for (let index = 0; index < keys; index++) {
      const path = join(folder, keyOf(index));
      if (index < 100) mkdirSync(join(path, '..'));
      closeSync(openSync(path, 'wx'));
    }
  }
  const config = defineTidemark({
    regions: { primary: { folder: folders[0] }, secondary: { folder: folders[1] } },
    routes: [{ from: 'primary', to: 'secondary' }],
  });
  const [source, destination] = folders.map((folder) => new FolderBucket(folder, { clock: new SystemClock() }));
  if (!source || !destination) throw new Error('two folders');
  await recordAll(databaseUrl, config, source, destination);
  return { config, env: {}, keys };
}

/** Two buckets of one server; the objects are as short as their keys. */
export async function equalBuckets(server: S3Server, keys: number, databaseUrl: string): Promise<EqualSides> {
  const [fromBucket, toBucket] = [await server.createBucket(), await server.createBucket()];
  const config = configOf({ server, bucket: fromBucket }, { server, bucket: toBucket });
  const region = createS3Region(optionsOf(server));
  try {
    const [source, destination] = [region.bucket(fromBucket), region.bucket(toBucket)];
    for (const bucket of [source, destination]) {
      await forEachOf(keys, AT_ONCE, async (index) => {
        const body = Buffer.from(keyOf(index));
        await bucket.write(keyOf(index), body, {
          size: body.length,
          like: { etag: '', size: body.length, lastModified: 0, headers: {}, metadata: {} },
        });
      });
    }
    await recordAll(databaseUrl, config, source, destination);
  } finally {
    region.close();
  }
  return { config, env: keysFor(server), keys };
}

/** One record a key, as a replay of it would have left it. Both sides list alike, whatever the order is. */
async function recordAll(
  databaseUrl: string,
  { routes }: TidemarkConfig,
  source: Pick<Bucket, 'list'>,
  destination: Pick<Bucket, 'list'>,
): Promise<void> {
  const [route] = routes;
  if (!route) throw new Error('one route');
  const database = openDatabase(databaseUrl);
  const state = new SqliteReplicationState(database);
  let tokens: readonly (string | undefined)[] = [undefined, undefined];
  do {
    const [ours, theirs] = await Promise.all(
      [source, destination].map((bucket, side) => bucket.list(tokens[side] === undefined ? {} : { token: tokens[side] })),
    );
    if (!ours || !theirs) throw new Error('two sides');
    await Promise.all(ours.objects.map((object, at) => state.put(recordOf(route.name, object, theirs.objects[at]), 0)));
    tokens = [ours.next, theirs.next];
  } while (tokens[0] !== undefined);
  database.close();
}

function recordOf(route: string, { key, etag, size, lastModified }: ListedObject, copy: ListedObject | undefined): ReplicationRecord {
  if (copy?.key !== key) throw new Error(`the two sides were not filled alike: ${key} beside ${copy?.key}`);
  const applied = { kind: 'object', etag, size, lastModified, print: '', destination: { etag: copy.etag }, at: lastModified } as const;
  return { ...emptyRecord(route, key, lastModified), version: 1, applied };
}
