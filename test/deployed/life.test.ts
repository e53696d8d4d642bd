/** What an object goes through, told of by the bucket itself. */
import { expect, it } from 'vitest';
import { describeDeployed, Pair } from './client.ts';

describeDeployed('an object', () => {
  const pair = new Pair('main');

  it('is written, overwritten, deleted and created again', async () => {
    await pair.source.put('life/life.txt', 'one');
    await pair.arrives('life/life.txt', 'one');
    await pair.source.put('life/life.txt', 'two');
    await pair.arrives('life/life.txt', 'two');
    await pair.source.delete('life/life.txt');
    await pair.goes('life/life.txt');
    await pair.source.put('life/life.txt', 'three');
    await pair.arrives('life/life.txt', 'three');

    await pair.settles('life/life.txt');
    const events = await pair.events('life/life.txt');
    expect(events.map(({ op, status }) => `${op} ${status}`).sort()).toEqual(['DELETE done', 'PUT done', 'PUT done', 'PUT done']);
    expect(await pair.destination.history('life/life.txt')).toEqual({ written: 3, deleted: 1 });
  });

  it('is copied with its content headers, metadata and tags', async () => {
    const headers = {
      ContentType: 'text/x-special',
      CacheControl: 'no-cache',
      ContentDisposition: 'attachment; filename="a b.txt"',
      ContentEncoding: 'identity',
      ContentLanguage: 'en',
    };
    const metadata = { author: 'Ada', note: 'a+b & c=d' };
    const tags = { team: 'blue', cost: 'a b+c/d' };
    await pair.source.put('life/whole.txt', 'all of it', { headers, metadata, tags });

    await pair.arrives('life/whole.txt', 'all of it');

    expect(await pair.destination.stored('life/whole.txt')).toEqual({ body: Buffer.from('all of it'), headers, metadata, tags });
  });

  it('gets a change of its metadata alone', async () => {
    await pair.source.put('life/described.txt', 'same bytes', { metadata: { state: 'draft' } });
    await pair.arrives('life/described.txt', 'same bytes');

    await pair.source.changeMetadata('life/described.txt', { state: 'final' });

    await pair.eventually(async () => (await pair.destination.stored('life/described.txt'))?.metadata, { state: 'final' });
  });

  // The emulator sends no events of tags: an application tells, or the key is copied again.
  for (const [how, tell] of [
    ['POST /events/ingest', (key: string) => pair.tell({ op: 'PUT', key })],
    ['POST /backfill/keys', (key: string) => pair.call('POST', '/backfill/keys', { keys: [key], ...pair.regions })],
  ] as const) {
    it(`gets a change of its tags alone, told by ${how}`, async () => {
      const key = `life/tagged by ${how}.txt`;
      await pair.source.put(key, 'same bytes', { tags: { color: 'red' } });
      await pair.arrives(key, 'same bytes');
      await pair.settles(key);
      await pair.source.changeTags(key, { color: 'green', size: 'XL' });

      await tell(key);

      await pair.eventually(async () => (await pair.destination.stored(key))?.tags, { color: 'green', size: 'XL' });
    });
  }

  it('may be empty', async () => {
    await pair.source.put('life/empty.txt', '', { metadata: { of: 'nothing' } });

    await pair.arrives('life/empty.txt', '');
  });

  it('is the same on both sides, whatever it went through', async () => {
    await pair.settles('life/');

    expect(await pair.differences('life/')).toEqual([]);
  });
});
