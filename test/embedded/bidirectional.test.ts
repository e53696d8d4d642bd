/** The embedded host between two folders that are both written. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRoot } from '../../lib/adapters/filesystem/root.ts';
import { HostUnderTest, put, textOf } from './support.ts';

const ROUTE = { name: 'pair', bidirectional: { maxSkewMs: 60_000 } };

let host: HostUnderTest;

beforeEach(async () => {
  host = await HostUnderTest.create({ deleteGraceSec: 0 }, {}, ROUTE);
});
afterEach(() => host.dispose());

const both = async (key: string): Promise<readonly (string | null)[]> => Promise.all([textOf(host.source, key), textOf(host.destination, key)]);

/** Nothing is open, and no message is left. */
async function quiet(): Promise<void> {
  await host.eventually(async () => {
    const { body } = await host.call('GET', '/metrics');
    const { waiting, inFlight } = body.queue as Record<string, number>;
    return [await host.open(), waiting, inFlight];
  }, [0, 0, 0]);
}

async function etags(key: string): Promise<readonly (string | undefined)[]> {
  const seen = await Promise.all([host.source, host.destination].map((store) => store.head(key)));
  return seen.map((each) => (each.present ? each.sight.etag : undefined));
}

describe('a route whose two folders are both written', () => {
  it('carries what either side writes and deletes', async () => {
    await put(host.source, 'a.txt', 'of primary');
    await put(host.destination, 'b.txt', 'of secondary');
    await host.eventually(() => both('a.txt'), ['of primary', 'of primary']);
    await host.eventually(() => both('b.txt'), ['of secondary', 'of secondary']);

    await put(host.destination, 'a.txt', 'written over in secondary');
    await host.source.remove('b.txt');
    await host.eventually(() => both('a.txt'), ['written over in secondary', 'written over in secondary']);
    await host.eventually(() => both('b.txt'), [null, null]);
  });

  it.each([
    ['primary', 'secondary'],
    ['secondary', 'primary'],
  ] as const)('answers a copy of what %s wrote with one look at most, and no copy', async (region, other) => {
    const [writer, copied] = region === 'primary' ? [host.source, host.destination] : [host.destination, host.source];
    await put(writer, 'k', 'x');
    await host.eventually(() => both('k'), ['x', 'x']);
    await quiet();
    const written = await etags('k');

    // What was told before these has been looked at when they have crossed.
    await put(copied, 'later', 'x');
    await host.eventually(() => both('later'), ['x', 'x']);
    await quiet();

    expect(await etags('k')).toEqual(written);
    const echoes = (await host.events('&keyLike=k')).filter(({ srcRegion }) => srcRegion === other);
    expect(echoes.length).toBeLessThanOrEqual(1);
    expect(echoes.filter(({ status }) => status === 'error')).toEqual([]);
  });

  it('settles on one of two writes on both sides, and tells of the other', async () => {
    await put(host.source, 'k', 'first');
    await host.eventually(() => both('k'), ['first', 'first']);
    await quiet();

    await Promise.all([put(host.source, 'k', 'one of both'), put(host.destination, 'k', 'the other one')]);
    await host.eventually(async () => {
      const [from, to] = await both('k');
      return from !== 'first' && from === to;
    }, true);
    await quiet();

    expect(new Set(await both('k')).size).toBe(1);
  });

  it('takes equal objects for equal at its first start, and the newer of two that differ', async () => {
    await host.stop();
    await put(host.source, 'same.txt', 'the same');
    await put(host.destination, 'same.txt', 'the same');
    await writeFile(join(host.source.path, 'differs.txt'), 'older');
    await put(host.destination, 'differs.txt', 'newer', {});
    const before = await etags('same.txt');
    await host.start();

    await host.eventually(async () => new Set(await both('differs.txt')).size, 1);
    await quiet();
    expect(await etags('same.txt')).toEqual(before);
  });

  it('is told by an application of either side, and loaded from either', async () => {
    await host.stop();
    await put(host.destination, 'told.txt', 'x');
    await put(host.destination, 'deep/loaded.txt', 'x');
    await host.start();
    const event = { op: 'PUT', key: 'told.txt', srcRegion: 'secondary', dstRegion: 'primary', ts: Date.now() };
    const told = await host.call('POST', '/events/ingest', { events: [event] });
    const loaded = await host.call('POST', '/backfill', { srcRegion: 'secondary', dstRegion: 'primary', prefix: 'deep/', mode: 'missing' });

    expect(told.body).toMatchObject({ accepted: 1, rejected: 0 });
    expect(loaded).toMatchObject({ status: 202, body: { srcRegion: 'secondary', dstRegion: 'primary' } });
    await host.eventually(() => both('told.txt'), ['x', 'x']);
    await host.eventually(() => both('deep/loaded.txt'), ['x', 'x']);
    const [shown] = await host.events(`&keyLike=told.txt`);
    expect(shown).toMatchObject({ srcRegion: 'secondary', dstRegion: 'primary' });
  });

  it('deletes nothing at either side when the folder of one is another than before', async () => {
    await put(host.source, 'k', 'x');
    await host.eventually(() => both('k'), ['x', 'x']);
    await quiet();
    await host.stop();
    const place = host.destination.path;
    await rename(place, join(host.folder, 'former'));
    await createRoot(place);
    await writeFile(join(place, 'other.txt'), 'other');
    await host.start();

    await host.eventually(
      async () => JSON.stringify((await host.call('GET', '/healthz')).body).includes('deletes of route pair have been paused'),
      true,
    );
    await host.eventually(() => textOf(host.source, 'other.txt'), 'other');
    expect(await textOf(host.source, 'k')).toBe('x');
  });
});
