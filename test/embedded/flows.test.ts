import { watch } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';
import { HostUnderTest, put, textOf } from './support.ts';

let host: HostUnderTest;

beforeAll(async () => {
  host = await HostUnderTest.create();
});

afterAll(() => host.dispose());

/** Tells of a change as an application does. */
async function ingest(op: 'PUT' | 'DELETE', key: string, ts: number, etag?: string): Promise<void> {
  const event = { op, key, ts, srcRegion: 'primary', dstRegion: 'secondary', ...(etag === undefined ? {} : { etag }) };
  const { status } = await host.call('POST', '/events/ingest', { events: [event] });
  expect(status).toBe(202);
}

describe('an object', () => {
  it('is copied with its headers, metadata and tags', async () => {
    const properties = {
      headers: { contentType: 'text/x-special', cacheControl: 'no-cache', contentLanguage: 'en' },
      metadata: { author: 'Ada' },
      tags: { team: 'blue' },
    };
    await put(host.source, 'whole.txt', 'all of it', properties);

    await host.arrives('whole.txt', 'all of it');

    expect(await host.destination.head('whole.txt', { tags: true })).toMatchObject({ present: true, sight: properties });
  });

  it('is overwritten, deleted and created again', async () => {
    await put(host.source, 'life.txt', 'one');
    await host.arrives('life.txt', 'one');
    await put(host.source, 'life.txt', 'two');
    await host.arrives('life.txt', 'two');
    await host.source.remove('life.txt');
    await host.goes('life.txt');
    await put(host.source, 'life.txt', 'three');
    await host.arrives('life.txt', 'three');
  });

  it('gets a change of its metadata alone', async () => {
    await put(host.source, 'described.txt', 'same bytes', { metadata: { state: 'draft' } });
    await host.arrives('described.txt', 'same bytes');

    await put(host.source, 'described.txt', 'same bytes', { metadata: { state: 'final' } });

    await host.eventually(
      async () => {
        const seen = await host.destination.head('described.txt');
        return seen.present && seen.sight.metadata;
      },
      { state: 'final' },
    );
  });

  it('gets a change of its tags alone, once it is told', async () => {
    await put(host.source, 'tagged.txt', 'same bytes', { tags: { color: 'red' } });
    await host.arrives('tagged.txt', 'same bytes');
    await host.source.putTags('tagged.txt', { color: 'green' });

    await ingest('PUT', 'tagged.txt', Date.now());

    await host.eventually(
      async () => {
        const seen = await host.destination.head('tagged.txt', { tags: true });
        return seen.present && seen.sight.tags;
      },
      { color: 'green' },
    );
  });

  it('may be empty', async () => {
    await put(host.source, 'empty.txt', '');

    await host.arrives('empty.txt', '');
  });
});

it('carries every awkward key, and its deletion', async () => {
  const keys = AWKWARD_KEYS.map(({ key }) => key);
  for (const key of keys) await put(host.source, key, `the text of ${key}`);

  await Promise.all(keys.map((key) => host.arrives(key, `the text of ${key}`)));

  for (const key of keys) await host.source.remove(key);
  await Promise.all(keys.map((key) => host.goes(key)));
}, 60_000);

describe('a sequence that ids of events would get wrong', () => {
  it('PUT x, PUT y, PUT x ends at x', async () => {
    for (const [ts, etag, text] of [
      [1, 'x', 'x'],
      [2, 'y', 'y'],
      [3, 'x', 'x'],
    ] as const) {
      await put(host.source, 'xyx.txt', text);
      await ingest('PUT', 'xyx.txt', Date.now() + ts, etag);
      await host.arrives('xyx.txt', text);
    }
  });

  it('PUT, DELETE, PUT, DELETE ends absent', async () => {
    for (let round = 0; round < 2; round++) {
      await put(host.source, 'flicker.txt', 'again');
      await ingest('PUT', 'flicker.txt', Date.now(), 'same');
      await host.arrives('flicker.txt', 'again');
      await host.source.remove('flicker.txt');
      await ingest('DELETE', 'flicker.txt', Date.now());
      await host.goes('flicker.txt');
    }
    await host.eventually(() => host.open(), 0);

    expect((await host.destination.head('flicker.txt')).present).toBe(false);
  });

  it('the same without waiting in between ends absent, and nothing stays open', async () => {
    for (let round = 0; round < 5; round++) {
      await put(host.source, 'fast.txt', `round ${round}`);
      await ingest('PUT', 'fast.txt', Date.now());
      await host.source.remove('fast.txt');
      await ingest('DELETE', 'fast.txt', Date.now());
    }
    await host.eventually(() => host.open(), 0);

    await host.goes('fast.txt');
  });
});

it('ends a burst of 200 overwrites at the last one, with far fewer copies than events', async () => {
  let copies = 0;
  const watcher = watch(join(host.folder, 'regions/secondary'), (type, name) => {
    // A copy appears by a rename.
    if (type === 'rename' && name === 'burst.txt') copies++;
  });
  const told: Promise<void>[] = [];
  for (let n = 1; n <= 200; n++) {
    await writeFile(join(host.folder, 'regions/primary/burst.txt'), `version ${n}`);
    told.push(ingest('PUT', 'burst.txt', Date.now(), `etag-${n}`));
  }
  await Promise.all(told);
  await host.arrives('burst.txt', 'version 200');
  await host.eventually(() => host.open(), 0);
  watcher.close();

  expect(await textOf(host.destination, 'burst.txt')).toBe('version 200');
  expect(copies).toBeGreaterThan(0);
  expect(copies).toBeLessThan(20);
  const { body } = await host.call('GET', '/metrics');
  expect((body.counts as Record<string, number>).error).toBe(0);
}, 60_000);
