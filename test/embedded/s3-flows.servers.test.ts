/** The flows of an object between two independent S3 servers, each way round, told of by the source's own webhook. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';
import { serverAvailable } from '../fixtures/s3-servers.ts';
import { S3HostUnderTest } from './s3-support.ts';
import { put, textOf } from './support.ts';

/** Generous: reached only when a test fails. */
const PATIENCE = { timeout: 25_000, interval: 20 };
const available = (['versitygw', 'minio'] as const).map(serverAvailable).every(Boolean);

const LINKS = [
  { source: 'versitygw', destination: 'minio', versioned: false },
  { source: 'minio', destination: 'versitygw', versioned: true },
] as const;

for (const link of LINKS) {
  describe.skipIf(!available)(`from ${link.source} to ${link.destination}${link.versioned ? ', versioned' : ''}`, () => {
    let host: S3HostUnderTest;
    beforeAll(async () => {
      host = await S3HostUnderTest.create(link);
    }, 60_000);
    afterAll(() => host?.dispose());

    const arrives = (key: string, text: string): Promise<void> => expect.poll(() => textOf(host.destination, key), PATIENCE).toBe(text);
    const goes = (key: string): Promise<void> => expect.poll(async () => (await host.destination.head(key)).present, PATIENCE).toBe(false);
    const settles = (): Promise<void> =>
      expect
        .poll(async () => {
          const { backlog } = (await host.call('GET', '/metrics')).body as { backlog: { objects: number } };
          return backlog.objects;
        }, PATIENCE)
        .toBe(0);

    it('copies, overwrites, deletes and creates again', async () => {
      await put(host.source, 'life.txt', 'one');
      await arrives('life.txt', 'one');
      await put(host.source, 'life.txt', 'two');
      await arrives('life.txt', 'two');
      await host.source.remove('life.txt');
      await goes('life.txt');
      await put(host.source, 'life.txt', 'three');
      await arrives('life.txt', 'three');
    });

    it('keeps headers, metadata and tags, and carries a change of metadata alone', async () => {
      const headers = { contentType: 'text/x-special', cacheControl: 'no-cache', contentDisposition: 'inline', contentLanguage: 'en' };
      const tags = { team: 'blue', cost: 'a b+c' };
      await put(host.source, 'whole.txt', 'all of it', { headers, metadata: { author: 'Ada' }, tags });
      await arrives('whole.txt', 'all of it');
      expect(await host.destination.head('whole.txt', { tags: true })).toMatchObject({ sight: { headers, metadata: { author: 'Ada' }, tags } });

      await put(host.source, 'whole.txt', 'all of it', { headers, metadata: { author: 'Grace' }, tags });

      await expect
        .poll(async () => host.destination.head('whole.txt', { tags: true }), PATIENCE)
        .toMatchObject({ sight: { metadata: { author: 'Grace' }, tags } });
    });

    it('carries a change of tags alone, once it is told', async () => {
      await put(host.source, 'tagged.txt', 'same bytes', { tags: { color: 'red' } });
      await arrives('tagged.txt', 'same bytes');
      await host.source.putTags('tagged.txt', { color: 'green' });

      await ingest(host, 'PUT', 'tagged.txt');

      await expect
        .poll(async () => host.destination.head('tagged.txt', { tags: true }), PATIENCE)
        .toMatchObject({ sight: { tags: { color: 'green' } } });
    });

    it('carries an empty object and every key that both stores can hold', async () => {
      await put(host.source, 'empty.txt', '');
      await arrives('empty.txt', '');
      const keys: string[] = [];
      for (const { key } of AWKWARD_KEYS) {
        // Some keys are none for these stores; which, the contract suites say.
        const held = await put(host.source, key, `the text of ${key}`).then(
          () => true,
          () => false,
        );
        if (held && (await textOf(host.source, key)) === `the text of ${key}`) keys.push(key);
      }
      expect(keys.length).toBeGreaterThan(AWKWARD_KEYS.length / 2);
      await settles();
      const refused: string[] = [];
      for (const key of keys) if ((await textOf(host.destination, key)) !== `the text of ${key}`) refused.push(key);
      for (const key of refused) {
        const { events } = (await host.call('GET', `/events?status=error&keyLike=${encodeURIComponent(key)}`)).body as {
          events: { key: string; lastError: string }[];
        };
        expect(events.map((event) => `${event.key}: ${event.lastError}`).join('\n')).toContain('KEY_NOT_STORABLE');
      }
    }, 60_000);

    it('proves a multipart object by its checksum', async () => {
      const bytes = Buffer.alloc(40 * 1024 * 1024, 'multipart ');
      const like = { etag: '', size: bytes.length, lastModified: 0, headers: { contentType: 'application/x-large' }, metadata: { kind: 'large' } };
      await host.source.write('large.bin', bytes, { size: bytes.length, like });
      const written = await host.source.head('large.bin');
      expect(written.present && written.sight.etag).toContain('-');

      await expect.poll(async () => (await host.destination.head('large.bin')).present, PATIENCE).toBe(true);

      const copy = await host.destination.head('large.bin');
      if (!copy.present) throw new Error('it is there');
      expect(copy.sight).toMatchObject({ size: bytes.length, metadata: { kind: 'large' }, headers: { contentType: 'application/x-large' } });
      const { body } = await host.destination.read('large.bin', { etag: copy.sight.etag });
      const hash = createHash('sha256');
      for await (const chunk of body instanceof Uint8Array ? [body] : body) hash.update(chunk);
      expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    }, 60_000);

    it('PUT x, PUT y, PUT x ends at x; PUT, DELETE, PUT, DELETE ends absent', async () => {
      for (const text of ['x', 'y', 'x']) await put(host.source, 'xyx.txt', text);
      for (let round = 0; round < 2; round++) {
        await put(host.source, 'flicker.txt', 'again');
        await host.source.remove('flicker.txt');
      }
      await settles();

      expect(await textOf(host.destination, 'xyx.txt')).toBe('x');
      expect((await host.destination.head('flicker.txt')).present).toBe(false);
    });

    it('ends a burst of 200 overwrites at the last one', async () => {
      for (let n = 1; n <= 200; n++) await put(host.source, 'burst.txt', `version ${n}`);

      await arrives('burst.txt', 'version 200');

      await settles();
      const { counts } = (await host.call('GET', '/metrics')).body as { counts: Record<string, number> };
      expect(counts.superseded).toBeGreaterThan(0);
    }, 60_000);

    it('finds what no event told, and what was deleted while it was down', async () => {
      await put(host.source, 'deleted-while-down.txt', 'soon gone');
      await arrives('deleted-while-down.txt', 'soon gone');
      await host.stop();
      await put(host.source, 'written-while-down.txt', 'unseen');
      await host.source.remove('deleted-while-down.txt');

      await host.start();

      await arrives('written-while-down.txt', 'unseen');
      await goes('deleted-while-down.txt');
    }, 60_000);
  });
}

async function ingest(host: S3HostUnderTest, op: 'PUT' | 'DELETE', key: string): Promise<void> {
  const { status } = await host.call('POST', '/events/ingest', {
    events: [{ op, key, ts: Date.now(), srcRegion: 'primary', dstRegion: 'secondary' }],
  });
  expect(status).toBe(202);
}
