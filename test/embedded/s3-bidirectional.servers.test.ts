/** The host between two real S3 servers that are both written, and both tell of it. */
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConflictView } from '../../lib/usecases/conflicts/list.ts';
import { type S3HostOptions, S3HostUnderTest, serversAvailable } from './s3-support.ts';
import { put, textOf } from './support.ts';

const POLICY = { maxSkewMs: 60_000 };
const available = serversAvailable();

/** Nothing is compared after the start: what crosses was told of. */
const base: Pick<S3HostOptions, 'limits' | 'bothTell'> = { limits: { reconcileSec: 3_600 }, bothTell: true };

function usingHost(options: S3HostOptions): () => S3HostUnderTest {
  let host: S3HostUnderTest | null = null;
  beforeAll(async () => {
    host = await S3HostUnderTest.create(options);
  }, 60_000);
  afterAll(() => host?.dispose());
  return () => {
    if (!host) throw new Error('it was made before');
    return host;
  };
}

const both = (host: S3HostUnderTest, key: string): Promise<readonly (string | null)[]> =>
  Promise.all([textOf(host.source, key), textOf(host.destination, key)]);

describe.skipIf(!available)('versitygw and a versioned minio, both written', () => {
  const route = { bidirectional: { ...POLICY, prefer: 'primary' } };
  const host = usingHost({ ...base, source: 'versitygw', destination: 'minio', versioned: false, versionedThere: true, route });

  it('hold what either was given, and no copy is answered by a copy', async () => {
    await put(host().source, 'a.txt', 'of primary', { metadata: { by: 'Ada' } });
    await put(host().destination, 'b.txt', 'of secondary', { tags: { team: 'blue' } });
    await host().eventually(() => both(host(), 'a.txt'), ['of primary', 'of primary']);
    await host().eventually(() => both(host(), 'b.txt'), ['of secondary', 'of secondary']);
    await host().settles();

    for (const key of ['a.txt', 'b.txt']) {
      const kept = await host().pair.servers[1].admin.send(new ListObjectVersionsCommand({ Bucket: host().destination.name, Prefix: key }));
      expect(kept.Versions, key).toHaveLength(1);
      const echoes = (await host().events(key)).filter(({ srcRegion }) => srcRegion === (key === 'a.txt' ? 'secondary' : 'primary'));
      expect(echoes.length, key).toBeLessThanOrEqual(1);
    }
    const tagged = await host().source.head('b.txt', { tags: true });
    expect(tagged).toMatchObject({ sight: { tags: { team: 'blue' } } });
  });

  it('delete what either deletes', async () => {
    for (const key of ['c.txt', 'd.txt']) await put(host().source, key, 'x');
    for (const key of ['c.txt', 'd.txt']) await host().eventually(() => both(host(), key), ['x', 'x']);
    await host().settles();

    await host().source.remove('c.txt');
    await host().destination.remove('d.txt');

    for (const key of ['c.txt', 'd.txt']) await host().eventually(() => both(host(), key), [null, null]);
    await host().settles();
  });

  it('settle on the preferred one, and restore the version that lost', async () => {
    await host().stop();
    await put(host().destination, 'both.txt', 'of secondary, and newer', { metadata: { by: 'Grace' }, tags: { team: 'red' } });
    await put(host().source, 'both.txt', 'of primary');
    await host().start();
    await host().eventually(() => both(host(), 'both.txt'), ['of primary', 'of primary']);
    await host().settles();
    const { body } = await host().call('GET', '/conflicts');
    const [conflict] = body.conflicts as ConflictView[];
    expect(conflict).toMatchObject({ key: 'both.txt', loser: { region: 'secondary' }, winner: { region: 'primary' }, restorable: true });

    expect(await host().call('POST', `/conflicts/${conflict?.id}/restore`)).toMatchObject({ status: 202 });

    await host().eventually(() => both(host(), 'both.txt'), ['of secondary, and newer', 'of secondary, and newer']);
    await host().settles();
    expect(await host().source.head('both.txt', { tags: true })).toMatchObject({ sight: { metadata: { by: 'Grace' }, tags: { team: 'red' } } });
    expect((await host().call('GET', '/conflicts')).body).toEqual({ conflicts: [] });
  });
});

describe.skipIf(!available)('two versitygw, both written', () => {
  const host = usingHost({ ...base, source: 'versitygw', destination: 'versitygw', versioned: false, route: { bidirectional: POLICY } });

  it('delete what either deletes', async () => {
    for (const key of ['a.txt', 'b.txt']) await put(host().source, key, 'x');
    for (const key of ['a.txt', 'b.txt']) await host().eventually(() => both(host(), key), ['x', 'x']);
    await host().settles();

    await host().source.remove('a.txt');
    await host().destination.remove('b.txt');

    for (const key of ['a.txt', 'b.txt']) await host().eventually(() => both(host(), key), [null, null]);
  });
});
