/** A route whose copies lie below a prefix of their own, from folder to folder. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HostUnderTest, put, textOf } from './support.ts';

const PREFIX = 'from-primary/';
let host: HostUnderTest;

beforeAll(async () => {
  host = await HostUnderTest.create({ reconcileSec: 5 }, {}, { destinationPrefix: PREFIX });
});

afterAll(() => host.dispose());

it('carries an object, its overwriting and its deletion, and leaves alone what lies elsewhere', async () => {
  await put(host.destination, 'life.txt', 'of others');
  await put(host.source, 'life.txt', 'one', { metadata: { n: '1' } });
  await host.arrives(`${PREFIX}life.txt`, 'one');
  await put(host.source, 'life.txt', 'two');
  await host.arrives(`${PREFIX}life.txt`, 'two');
  await host.source.remove('life.txt');
  await host.goes(`${PREFIX}life.txt`);

  expect(await textOf(host.destination, 'life.txt')).toBe('of others');
});

it('carries a change of tags alone to the copy', async () => {
  await put(host.source, 'tagged.txt', 'same bytes', { tags: { color: 'red' } });
  await host.arrives(`${PREFIX}tagged.txt`, 'same bytes');
  await host.source.putTags('tagged.txt', { color: 'green' });

  const event = { op: 'PUT', key: 'tagged.txt', ts: Date.now(), srcRegion: 'primary', dstRegion: 'secondary' };
  await host.call('POST', '/events/ingest', { events: [event] });

  await host.eventually(
    async () => {
      const seen = await host.destination.head(`${PREFIX}tagged.txt`, { tags: true });
      return seen.present && seen.sight.tags;
    },
    { color: 'green' },
  );
});

it('makes good after a restart what nobody told of, and copies nothing anew that is equal', async () => {
  for (const key of ['equal.txt', 'gone.txt', 'lost.txt']) {
    await put(host.source, key, `the text of ${key}`);
    await host.arrives(`${PREFIX}${key}`, `the text of ${key}`);
  }
  await host.eventually(() => host.open(), 0);
  const eventsOf = async (key: string): Promise<number> => (await host.events(`&keyLike=${key}`)).length;
  const before = await eventsOf('equal.txt');
  await host.stop();

  await put(host.source, 'new.txt', 'while it was down');
  await host.source.remove('gone.txt');
  await host.destination.remove(`${PREFIX}lost.txt`);
  await host.start();

  await host.arrives(`${PREFIX}new.txt`, 'while it was down');
  await host.arrives(`${PREFIX}lost.txt`, 'the text of lost.txt');
  await host.goes(`${PREFIX}gone.txt`);
  expect(await eventsOf('equal.txt')).toBe(before);
}, 60_000);
