/** Backfills that are killed, between two S3 servers. */
import { afterEach, describe, it } from 'vitest';
import { inParallel } from '../contract/object-store-support.ts';
import { AWKWARD_KEYS, isPosixPath } from '../fixtures/awkward-keys.ts';
import { cleanUp, disposeOf, expectEachListedOnce, KEYS, killedTwice, workingDirectory } from './killed-backfill.ts';
import { S3Pair } from './s3-pair.ts';
import { serversAvailable } from './s3-support.ts';
import { put } from './support.ts';

afterEach(cleanUp);

describe.skipIf(!serversAvailable())('between S3 servers', () => {
  it('minio to versitygw: killed twice, it ends with every key, and lists none of its pages twice', async () => {
    const pair = await S3Pair.create({ source: 'minio', destination: 'versitygw', versioned: false });
    disposeOf(() => pair.dispose());
    const folder = await workingDirectory(pair.regions());
    const { source, destination } = pair;
    // versitygw holds no name of 255 bytes for long: see the capability matrix.
    const awkward = AWKWARD_KEYS.filter(({ label, key }) => isPosixPath(key) && label !== 'a name of 255 bytes').map(({ key }) => key);
    const keys = [...awkward, ...Array.from({ length: KEYS - awkward.length }, (_, n) => `data/${n % 13}/${n}`)];
    await inParallel(keys, 16, (key) => put(source, key, key));

    expectEachListedOnce(await killedTwice({ folder, env: pair.env(), source, destination, keys }), keys);
  }, 240_000);
});
