/** What goes wrong between two independent S3 servers, each way round: nothing is lost, nothing is deleted without evidence, all is visible. */
import { afterEach, describe, expect, it } from 'vitest';
import { removeAll } from '../../lib/adapters/s3/remove-all.ts';
import type { Limits } from '../../lib/config/config.ts';
import { compare } from './load.ts';
import { LINKS, S3HostUnderTest, serversAvailable } from './s3-support.ts';
import { put } from './support.ts';

const EQUAL = { lost: [], stale: [], extra: [] };
const available = serversAvailable();

for (const link of LINKS) {
  describe.skipIf(!available)(`from ${link.source} to ${link.destination}`, () => {
    let host: S3HostUnderTest;
    const run = async (limits: Partial<Limits> = {}): Promise<void> => {
      host = await S3HostUnderTest.create({ ...link, gated: true, limits });
    };
    const equal = async (): Promise<void> => expect(await compare(host.source, host.destination)).toEqual(EQUAL);
    const healthStatus = async (): Promise<number> => (await host.call('GET', '/healthz')).status;
    const dead = async (): Promise<number | undefined> => ((await host.call('GET', '/metrics')).body.queue as Record<string, number>).dead;

    afterEach(() => host.dispose());

    it('leaves no trace of what it tries out at the stores', async () => {
      await run();
      await put(host.source, 'first.txt', 'first');
      await host.arrives('first.txt', 'first');
      await host.settles();

      // Told twice when the host's first comparison finds it beside the store's own event.
      expect(new Set((await host.events('')).map(({ key, status }) => `${key} ${status}`))).toEqual(new Set(['first.txt done']));
      await equal();
      expect((await host.source.list({})).objects.map(({ key }) => key)).toEqual(['first.txt']);
    }, 60_000);

    it('ends an event for a key that is not at the source as a visible error, and requeued as done once the object is there', async () => {
      await run({ maxRetries: 2, deleteGraceSec: 0 });
      // Someone else put it there; a delete of it would show.
      await put(host.destination, 'demo/hello.txt', 'precious');
      const event = { op: 'PUT', key: 'demo/hello.txt', etag: 'demoe', size: 11, contentType: 'text/plain' };

      const accepted = await host.call('POST', '/events/ingest', {
        events: [{ ...event, srcRegion: 'primary', dstRegion: 'secondary', ts: Date.now() }],
      });
      const replayed = await host.call('POST', '/replay/run', { limit: 10 });

      expect(accepted).toMatchObject({ status: 202, body: { accepted: 1, duplicate: 0, rejected: 0 } });
      expect(replayed.status).toBe(200);
      await host.eventually(() => host.statuses('demo/hello.txt'), ['error']);
      const [failed] = await host.events('demo/hello.txt');
      expect(failed).toMatchObject({ attempts: 2, lastError: expect.stringContaining('no such key at the source') });

      // A reconcile, as each start begins with, is no reason to delete either; what no event told shows that it has run.
      await host.stop();
      await put(host.source, 'untold.txt', 'found by listing');
      await host.start();
      await host.arrives('untold.txt', 'found by listing');
      await host.settles();
      await host.arrives('demo/hello.txt', 'precious');
      expect(await host.statuses('demo/hello.txt')).toEqual(['error']);

      // Nobody tells of it, so that the requeued event alone can have brought it.
      host.pair.relay.target = null;
      await put(host.source, 'demo/hello.txt', 'hello world');
      const requeued = await host.call('POST', '/events/requeue', { ids: [failed?.id] });

      expect(requeued).toEqual({ status: 200, body: { requeued: 1 } });
      await host.arrives('demo/hello.txt', 'hello world');
      await host.eventually(() => host.statuses('demo/hello.txt'), ['done']);
      await equal();
    }, 60_000);

    it('brings everything by itself once a destination that was down is back', async () => {
      await run();
      const during = Array.from({ length: 10 }, (_, n) => `during-${n}.txt`);
      for (const key of ['changes.txt', 'goes.txt']) await put(host.source, key, 'before');
      for (const key of ['changes.txt', 'goes.txt']) await host.arrives(key, 'before');

      await host.pair.gate('destination').shut();
      for (const key of during) await put(host.source, key, `text of ${key}`);
      await put(host.source, 'changes.txt', 'changed');
      await host.source.remove('goes.txt');

      const tried = async (): Promise<boolean> =>
        (await host.events('during-')).some(({ attempts, status }) => attempts >= 2 && status === 'pending');
      await host.eventually(tried, true);
      expect(await healthStatus()).toBe(503);
      expect((await host.events('during-')).find(({ lastError }) => lastError !== undefined)?.lastError).toContain('UNAVAILABLE');

      await host.pair.gate('destination').open();

      for (const key of during) await host.arrives(key, `text of ${key}`);
      await host.arrives('changes.txt', 'changed');
      await host.goes('goes.txt');
      await host.settles();
      await equal();
      expect(await healthStatus()).toBe(200);
    }, 60_000);

    it('parks a key that the destination refuses while its neighbours flow, and ends it as done when requeued after that', async () => {
      await run({ maxRetries: 2 });
      const gate = host.pair.gate('destination');
      gate.refuses = ({ method, path }) => method === 'PUT' && path.includes('poison');
      const neighbours = Array.from({ length: 20 }, (_, n) => `neighbour-${n}.txt`);

      await put(host.source, 'poison.txt', 'refused');
      for (const key of neighbours) await put(host.source, key, `text of ${key}`);

      for (const key of neighbours) await host.arrives(key, `text of ${key}`);
      await host.eventually(() => host.statuses('poison.txt'), ['error']);
      const [failed] = await host.events('poison.txt');
      expect(failed).toMatchObject({ attempts: 2, lastError: expect.stringMatching(/ACCESS_DENIED.*403 AccessDenied/) });
      await host.eventually(dead, 1);
      expect((await host.destination.head('poison.txt')).present).toBe(false);

      gate.refuses = () => false;
      await host.call('POST', '/events/requeue', { allErrors: true });

      await host.arrives('poison.txt', 'refused');
      await host.eventually(() => host.statuses('poison.txt'), ['done']);
      await host.settles();
      expect(await dead()).toBe(0);
      await equal();
    }, 60_000);

    it('carries tags from a source that may only be read, and waits for a destination that may not be written to yet', async () => {
      await run({ maxRetries: 1 });
      await host.stop();
      const [from, to] = [host.pair.gate('source'), host.pair.gate('destination')];
      from.refuses = ({ method }) => method !== 'GET' && method !== 'HEAD';
      to.refuses = ({ method }) => method === 'PUT' || method === 'POST';
      await host.start();
      await put(host.source, 'tagged.txt', 'with tags', { tags: { team: 'blue' } });
      const denied = async (): Promise<boolean> =>
        (await host.events('tagged')).some(({ status, lastError }) => status === 'error' && lastError?.includes('ACCESS_DENIED'));
      await host.eventually(denied, true);

      to.refuses = () => false;
      const requeued = async (): Promise<boolean> => {
        await host.call('POST', '/events/requeue', { allErrors: true });
        return (await host.statuses('tagged.txt')).every((status) => status !== 'error' && status !== 'pending');
      };
      await host.eventually(requeued, true);

      await host.arrives('tagged.txt', 'with tags');
      expect(await host.destination.head('tagged.txt', { tags: true })).toMatchObject({ sight: { tags: { team: 'blue' } } });
      await host.settles();
      await equal();
    }, 60_000);

    // minio keeps an object beside others below its name.
    if (link.destination === 'versitygw') {
      it('parks a key that the destination cannot hold beside what stands there', async () => {
        await run();
        await put(host.destination, 'taken', 'a file, where a folder is needed');

        await put(host.source, 'taken/child.txt', 'no place for it');
        await put(host.source, 'neighbour.txt', 'flows');

        await host.arrives('neighbour.txt', 'flows');
        await host.eventually(() => host.statuses('taken/child.txt'), ['error']);
        const [failed] = await host.events('taken/child.txt');
        expect(failed).toMatchObject({ attempts: 1, lastError: expect.stringContaining('KEY_NOT_STORABLE') });
        await host.eventually(dead, 1);

        await removeAll(host.pair.servers[1].admin, host.destination.name, 'taken', ['taken']);
        await host.call('POST', '/events/requeue', { allErrors: true });

        await host.arrives('taken/child.txt', 'no place for it');
        await host.eventually(() => host.statuses('taken/child.txt'), ['done']);
        await equal();
      }, 60_000);
    }

    it('deletes nothing when the bucket of the source is removed, says what is wrong, and goes on when it is back', async () => {
      await run({ reconcileSec: 1, deleteGraceSec: 0 });
      const keys = ['a.txt', 'b/c.txt', 'b/d.txt'];
      for (const key of keys) await put(host.source, key, `text of ${key}`);
      for (const key of keys) await host.arrives(key, `text of ${key}`);
      await host.settles();

      // Out of the host's sight, or it would rightly follow each delete before the bucket is gone.
      await host.pair.gate('source').shut();
      await host.pair.dropSource(keys);
      await host.pair.gate('source').open();

      // Neither a reconcile nor what the store itself told of its deletes is believed.
      await host.eventually(() => host.warnings.some((warning) => /cannot be compared.*BUCKET_MISSING/.test(warning)), true);
      for (const key of keys) {
        const refused = async (): Promise<boolean> =>
          (await host.events(key)).some(
            ({ op, status, lastError }) => op === 'DELETE' && status === 'pending' && lastError?.includes('BUCKET_MISSING'),
          );
        await host.eventually(refused, true);
        await host.arrives(key, `text of ${key}`);
      }
      const { status, body } = await host.call('GET', '/healthz');
      expect(status).toBe(503);
      expect(body.checks).toContainEqual(
        expect.objectContaining({
          what: 'region primary',
          ok: false,
          code: 'BUCKET_MISSING',
          message: expect.stringContaining(host.source.name),
        }),
      );

      // Another bucket under the former one's name: what that one held is not for it to delete.
      await host.pair.createSourceAgain();
      await put(host.source, 'later.txt', 'after it came back');
      await host.arrives('later.txt', 'after it came back');
      for (const key of keys) {
        await host.eventually(async () => (await host.events(key)).some(({ lastError }) => lastError?.includes('DELETES_PAUSED')), true);
        await host.arrives(key, `text of ${key}`);
      }
      expect(await healthStatus()).toBe(503);

      await put(host.source, 'a.txt', 'written anew');
      await host.call('POST', '/routes/primary-secondary/resume', { acceptDeletes: true });

      await host.arrives('a.txt', 'written anew');
      for (const key of keys.slice(1)) await host.goes(key);
      await host.settles();
      await equal();
      expect(await healthStatus()).toBe(200);
    }, 60_000);
  });
}
