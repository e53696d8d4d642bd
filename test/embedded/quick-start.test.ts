import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HostUnderTest } from './support.ts';

let host: HostUnderTest;

beforeAll(async () => {
  host = await HostUnderTest.create();
});

afterAll(() => host.dispose());

const inRegion = (region: string, key: string): string => join(host.folder, 'regions', region, key);

it('copies a file that a person drops, under the same name', async () => {
  await writeFile(inRegion('primary', 'hello.txt'), 'hello\n');

  await host.arrives('hello.txt', 'hello\n');

  expect(await readFile(inRegion('secondary', 'hello.txt'), 'utf8')).toBe('hello\n');
});

it('lists the change as done, with what is known of the object', async () => {
  await mkdir(inRegion('primary', 'letters'), { recursive: true });
  await writeFile(inRegion('primary', 'letters/one.txt'), 'one');

  await host.arrives('letters/one.txt', 'one');
  await host.eventually(async () => (await host.events('&keyLike=letters/')).every(({ status }) => status !== 'pending'), true);
  const done = (await host.events('&keyLike=letters/')).filter(({ status }) => status === 'done');

  expect(done.length).toBeGreaterThan(0);
  expect(done[0]).toMatchObject({ op: 'PUT', key: 'letters/one.txt', size: 3, srcRegion: 'primary', dstRegion: 'secondary' });
});

it('replaces the copy when the file is overwritten', async () => {
  await writeFile(inRegion('primary', 'changing.txt'), 'first');
  await host.arrives('changing.txt', 'first');

  await writeFile(inRegion('primary', 'changing.txt'), 'second');

  await host.arrives('changing.txt', 'second');
});

it('deletes the copy when the file is deleted, and says so', async () => {
  await writeFile(inRegion('primary', 'short-lived.txt'), 'soon gone');
  await host.arrives('short-lived.txt', 'soon gone');

  await rm(inRegion('primary', 'short-lived.txt'));

  await host.goes('short-lived.txt');
  const deletes = async (): Promise<readonly string[]> =>
    (await host.events('&keyLike=short-lived.txt')).filter(({ op }) => op === 'DELETE').map(({ status }) => status);
  await host.eventually(deletes, ['done']);
});

it('deletes everything of a folder that is removed, and leaves its neighbours', async () => {
  await mkdir(inRegion('primary', 'album/summer'), { recursive: true });
  await writeFile(inRegion('primary', 'album/cover.jpg'), 'cover');
  await writeFile(inRegion('primary', 'album/summer/beach.jpg'), 'beach');
  await writeFile(inRegion('primary', 'albums.txt'), 'list');
  await Promise.all([host.arrives('album/cover.jpg', 'cover'), host.arrives('album/summer/beach.jpg', 'beach'), host.arrives('albums.txt', 'list')]);

  await rm(inRegion('primary', 'album'), { recursive: true });

  await Promise.all([host.goes('album/cover.jpg'), host.goes('album/summer/beach.jpg')]);
  await host.arrives('albums.txt', 'list');
});

it('deletes everything of a folder that is moved away, of which no event names the files', async () => {
  await mkdir(inRegion('primary', 'attic/box'), { recursive: true });
  await writeFile(inRegion('primary', 'attic/lamp.txt'), 'lamp');
  await writeFile(inRegion('primary', 'attic/box/toy.txt'), 'toy');
  await Promise.all([host.arrives('attic/lamp.txt', 'lamp'), host.arrives('attic/box/toy.txt', 'toy')]);

  await rename(inRegion('primary', 'attic'), join(host.folder, 'elsewhere'));

  await Promise.all([host.goes('attic/lamp.txt'), host.goes('attic/box/toy.txt')]);
});

it('is healthy, and counts what it did', async () => {
  const health = await host.call('GET', '/healthz');
  const metrics = await host.call('GET', '/metrics');

  expect(health.status).toBe(200);
  expect(metrics.body.counts).toMatchObject({ error: 0 });
});
