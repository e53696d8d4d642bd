import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sidecarPath } from '../../lib/adapters/filesystem/names.ts';
import { openDatabase } from '../../lib/adapters/sqlite/database.ts';
import { SqliteReplicationState } from '../../lib/adapters/sqlite/replication-state.ts';
import type { Limits } from '../../lib/config/config.ts';
import { emptyRecord } from '../../lib/core/objects/record.ts';
import { claim } from '../../lib/core/objects/transitions.ts';
import { HostUnderTest, put } from './support.ts';

let host: HostUnderTest;

async function run(limits: Partial<Limits> = {}): Promise<void> {
  host = await HostUnderTest.create(limits);
}

afterEach(() => host.dispose());

const root = (region: string): string => join(host.folder, 'regions', region);
const statuses = async (key: string): Promise<readonly string[]> => (await host.events(`&keyLike=${key}`)).map(({ status }) => status);

describe('an event for a key that is not at the source', () => {
  const event = {
    op: 'PUT',
    key: 'demo/hello.txt',
    etag: 'demoe',
    size: 11,
    contentType: 'text/plain',
    srcRegion: 'primary',
    dstRegion: 'secondary',
  };

  it('is answered as documented, ends as an error that says so, never deletes, and is done once the object is there', async () => {
    await run();
    // At the destination stands something of that name which Tidemark did not put there.
    await put(host.destination, 'demo/hello.txt', 'precious');

    const accepted = await host.call('POST', '/events/ingest', { events: [{ ...event, ts: Date.now() }] });
    const replayed = await host.call('POST', '/replay/run', { limit: 10 });

    expect(accepted).toMatchObject({ status: 202, body: { accepted: 1, duplicate: 0, rejected: 0, results: [{ status: 'accepted' }] } });
    expect(replayed.status).toBe(200);
    expect(Object.keys(replayed.body).sort()).toEqual(['done', 'error', 'partial', 'paused', 'processed', 'remaining', 'retried', 'superseded']);

    await host.eventually(() => statuses('demo/hello.txt'), ['error']);
    const [failed] = await host.events('&status=error');
    expect(failed?.lastError).toContain('no such key at the source');
    await host.arrives('demo/hello.txt', 'precious');

    await host.source.write('demo/hello.txt', Buffer.from('hello world'), {
      size: 11,
      like: { etag: '', size: 11, lastModified: 0, headers: {}, metadata: {} },
    });
    const requeued = await host.call('POST', '/events/requeue', { ids: [failed?.id] });

    expect(requeued.status).toBe(200);
    await host.arrives('demo/hello.txt', 'hello world');
    await host.eventually(async () => (await host.events(`&keyLike=demo/`)).find(({ id }) => id === failed?.id)?.status, 'done');
  }, 60_000);
});

describe('a poison key', () => {
  it('ends as an error in the dead-letter queue while its neighbours flow, and is done when requeued after its cause is gone', async () => {
    await run({ maxRetries: 2 });
    await host.stop();
    await put(host.source, 'poison.txt', 'rotten', { metadata: { m: '1' } });
    // As after bit rot: the bytes are no longer those that were written.
    const sidecar = join(root('primary'), sidecarPath('poison.txt'));
    const sound = await readFile(sidecar, 'utf8');
    await writeFile(sidecar, sound.replace(/"md5":"[0-9a-f]{32}"/, `"md5":"${'0'.repeat(32)}"`));
    await host.start();
    for (let n = 0; n < 20; n++) await put(host.source, `neighbour-${n}.txt`, `text ${n}`);

    await Promise.all(Array.from({ length: 20 }, (_, n) => host.arrives(`neighbour-${n}.txt`, `text ${n}`)));
    await host.eventually(() => statuses('poison.txt'), ['error']);
    const [failed] = await host.events('&status=error');

    expect(failed?.lastError).toContain('INTEGRITY');
    expect(failed?.attempts).toBe(2);
    expect((await host.call('GET', '/metrics')).body).toMatchObject({ queue: { dead: 1 } });

    await writeFile(sidecar, sound);
    await host.call('POST', '/events/requeue', { allErrors: true });

    await host.arrives('poison.txt', 'rotten');
    await host.eventually(() => statuses('poison.txt'), ['done']);
    await host.eventually(() => host.open(), 0);
  }, 60_000);
});

describe('a destination that is away for a while', () => {
  it('gets everything by itself once it is back', async () => {
    await run();
    await put(host.source, 'before.txt', 'before');
    await host.arrives('before.txt', 'before');
    await rename(root('secondary'), join(host.folder, 'away'));

    await put(host.source, 'during.txt', 'during');
    await put(host.source, 'before.txt', 'changed');
    await host.source.remove('before.txt');
    await host.eventually(
      async () => (await host.events('&keyLike=during.txt')).some(({ attempts, status }) => attempts >= 2 && status === 'pending'),
      true,
    );
    expect((await host.call('GET', '/healthz')).status).toBe(503);

    await rename(join(host.folder, 'away'), root('secondary'));

    await host.arrives('during.txt', 'during');
    await host.goes('before.txt');
    await host.eventually(() => host.open(), 0);
    await host.eventually(async () => (await host.call('GET', '/healthz')).status, 200);
  }, 60_000);
});

describe('a source that is away', () => {
  it('deletes nothing, says what is wrong, and goes on when it is back', async () => {
    await run({ reconcileSec: 1, deleteGraceSec: 0 });
    for (const key of ['kept/a.txt', 'kept/b.txt', 'c.txt']) await put(host.source, key, `text of ${key}`);
    await Promise.all(['kept/a.txt', 'kept/b.txt', 'c.txt'].map((key) => host.arrives(key, `text of ${key}`)));
    await host.eventually(() => host.open(), 0);

    await rename(root('primary'), join(host.folder, 'away'));
    // An event for a key of the missing source is no evidence either.
    await host.call('POST', '/events/ingest', {
      events: [{ op: 'DELETE', key: 'c.txt', srcRegion: 'primary', dstRegion: 'secondary', ts: Date.now() }],
    });
    await host.eventually(async () => (await host.events('&keyLike=c.txt')).some(({ op, attempts }) => op === 'DELETE' && attempts >= 2), true);
    const health = await host.call('GET', '/healthz');

    expect(health.status).toBe(503);
    expect(JSON.stringify(health.body)).toContain('primary');
    for (const key of ['kept/a.txt', 'kept/b.txt', 'c.txt']) await host.arrives(key, `text of ${key}`);

    await rename(join(host.folder, 'away'), root('primary'));
    await put(host.source, 'later.txt', 'after it came back');

    await host.arrives('later.txt', 'after it came back');
    await host.eventually(() => host.open(), 0);
    await host.arrives('c.txt', 'text of c.txt');
    expect((await host.call('GET', '/healthz')).status).toBe(200);
  }, 60_000);
});

describe('what happens while the host is down', () => {
  it('is found at the start: written, overwritten and deleted', async () => {
    await run();
    for (const key of ['stays.txt', 'changes.txt', 'goes.txt']) await put(host.source, key, 'old');
    await Promise.all(['stays.txt', 'changes.txt', 'goes.txt'].map((key) => host.arrives(key, 'old')));
    await put(host.destination, 'not-ours.txt', 'put there by someone else');
    await host.stop();

    await put(host.source, 'changes.txt', 'new');
    await put(host.source, 'comes.txt', 'new');
    await host.source.remove('goes.txt');
    await host.start();

    await Promise.all([host.arrives('changes.txt', 'new'), host.arrives('comes.txt', 'new'), host.goes('goes.txt')]);
    await host.arrives('stays.txt', 'old');
    await host.arrives('not-ours.txt', 'put there by someone else');
  });

  it.each(['nothing', 'an empty one'])('deletes nothing when %s stands in the place of the source folder at the start', async (left) => {
    await run({ reconcileSec: 1, deleteGraceSec: 0 });
    await put(host.source, 'kept.txt', 'kept');
    await host.arrives('kept.txt', 'kept');
    await host.eventually(() => host.open(), 0);
    await host.stop();
    await rename(root('primary'), join(host.folder, 'away'));
    if (left === 'an empty one') await mkdir(root('primary'));

    await host.start();
    await host.eventually(async () => (await host.call('GET', '/healthz')).status, 503);
    await host.call('POST', '/replay/run', {});

    await host.arrives('kept.txt', 'kept');
    await rm(root('primary'), { recursive: true, force: true });
    await rename(join(host.folder, 'away'), root('primary'));
    await host.eventually(async () => (await host.call('GET', '/healthz')).status, 200);
    await host.arrives('kept.txt', 'kept');
  });

  it('is undone: a copy that landed before the host died and was not recorded, of an object that is gone since', async () => {
    await run({ reconcileSec: 1, deleteGraceSec: 0 });
    // A source that lists nothing at all would be no evidence.
    await put(host.source, 'stays.txt', 'still here');
    await host.arrives('stays.txt', 'still here');
    await host.stop();
    await put(host.destination, 'unrecorded.txt', 'copied, then the power failed');
    await put(host.destination, 'not-ours.txt', 'put there by someone else');
    const database = openDatabase(join(host.folder, 'tidemark.db'));
    const { name } = host.config.routes[0] ?? { name: '' };
    const now = Date.now();
    const claimed = claim(emptyRecord(name, 'unrecorded.txt', now), 'the worker that died', now + 60_000, now);
    await new SqliteReplicationState(database).put(claimed, 0);
    database.close();

    await host.start();

    await host.goes('unrecorded.txt');
    await host.arrives('not-ours.txt', 'put there by someone else');
  });
});
