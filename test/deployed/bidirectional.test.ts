/** Two buckets in two regions that are both written: one stack works for both, and hears the other's bucket. */
import { beforeAll, expect, it } from 'vitest';
import type { ConflictView } from '../../lib/usecases/conflicts/list.ts';
import { describeDeployed, Pair } from './client.ts';

describeDeployed('a bidirectional route', () => {
  const pair = new Pair('both');
  const both = async (key: string): Promise<readonly (string | null)[]> => [await pair.source.text(key), await pair.destination.text(key)];
  const histories = (key: string): Promise<unknown> => Promise.all([pair.source.history(key), pair.destination.history(key)]);

  beforeAll(async () => {
    // What both buckets can do is found out here, by a function that has the time: the replayer has seconds in this deployment, and where
    // it is killed with a lease its key rests for minutes.
    const sizedUp = await pair.call('POST', '/backfill', { ...pair.regions, mode: 'missing', dryRun: true });
    expect(sizedUp).toMatchObject({ status: 200 });
  });

  it('carries what either region writes and deletes, each once: no copy is answered by a copy', async () => {
    await pair.source.put('of-one.txt', 'of one', { metadata: { author: 'Ada' }, tags: { team: 'blue' } });
    await pair.destination.put('of-the-other.txt', 'of the other', { headers: { ContentType: 'text/plain' } });
    await pair.eventually(() => both('of-one.txt'), ['of one', 'of one']);
    await pair.eventually(() => both('of-the-other.txt'), ['of the other', 'of the other']);
    await pair.drains();
    expect(await pair.differences('of-')).toEqual([]);
    for (const key of ['of-one.txt', 'of-the-other.txt']) {
      expect(await histories(key)).toEqual([
        { written: 1, deleted: 0 },
        { written: 1, deleted: 0 },
      ]);
      // The write itself, and what its copy's bucket told.
      expect((await pair.events(key)).length).toBeLessThanOrEqual(2);
    }

    await pair.destination.delete('of-one.txt');
    await pair.eventually(() => both('of-one.txt'), [null, null]);
    await pair.drains();
    expect(await histories('of-one.txt')).toEqual([
      { written: 1, deleted: 1 },
      { written: 1, deleted: 1 },
    ]);
  });

  it('settles on one of two writes in both regions, and restores the other when it is asked to', async () => {
    await Promise.all([pair.source.put('at-once.txt', 'of one'), pair.destination.put('at-once.txt', 'of the other')]);
    await pair.eventually(async () => new Set(await both('at-once.txt')).size, 1);
    await pair.drains();
    const { body } = await pair.call('GET', '/conflicts?keyLike=at-once');
    const [conflict] = body.conflicts as ConflictView[];
    expect(conflict).toMatchObject({ key: 'at-once.txt', restorable: true });
    const [won] = await both('at-once.txt');
    const lost = won === 'of one' ? 'of the other' : 'of one';

    expect(await pair.call('POST', `/conflicts/${conflict?.id}/restore`)).toMatchObject({ status: 202 });

    await pair.eventually(() => both('at-once.txt'), [lost, lost]);
    await pair.drains();
    expect((await pair.call('GET', '/conflicts?keyLike=at-once')).body).toEqual({ conflicts: [] });
    expect((await pair.call('GET', '/healthz')).status).toBe(200);
  });

  it('is told by an application of either region', async () => {
    const { srcRegion, dstRegion } = pair.regions;
    await pair.destination.put('told.txt', 'x');
    const event = { op: 'PUT', key: 'told.txt', srcRegion: dstRegion, dstRegion: srcRegion, ts: Date.now() };
    expect((await pair.call('POST', '/events/ingest', { events: [event] })).body).toMatchObject({ accepted: 1 });
    await pair.eventually(() => both('told.txt'), ['x', 'x']);
  });
});
