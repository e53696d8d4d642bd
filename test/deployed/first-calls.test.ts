/** The first two calls that anyone makes, as they stand in the documentation, and what becomes of an event without an object. */
import { expect, it } from 'vitest';
import { describeDeployed, Pair } from './client.ts';

const MINUTE_MS = 60_000;

describeDeployed('POST /events/ingest and POST /replay/run', () => {
  const pair = new Pair('main');
  const statusOf = async (key: string): Promise<unknown> => (await pair.events(key)).map(({ status }) => status);

  it('copy an object although the event has an etag that matches nothing', async () => {
    await pair.source.put('demo/there.txt', 'hello there', { headers: { ContentType: 'text/plain' } });
    const event = { op: 'PUT', key: 'demo/there.txt', etag: 'demoe', size: 11, contentType: 'text/plain', ...pair.regions, ts: Date.now() };

    const ingested = await pair.call('POST', '/events/ingest', { events: [event] });
    const replayed = await pair.call('POST', '/replay/run', { limit: 10 });

    expect(ingested).toEqual({
      status: 202,
      body: { accepted: 1, duplicate: 0, rejected: 0, results: [{ id: expect.any(String), status: 'accepted' }] },
    });
    expect(replayed).toMatchObject({
      status: 200,
      body: {
        processed: expect.any(Number),
        done: expect.any(Number),
        superseded: expect.any(Number),
        retried: expect.any(Number),
        error: expect.any(Number),
        remaining: expect.any(Number),
        partial: expect.any(Boolean),
      },
    });
    await pair.arrives('demo/there.txt', 'hello there');
    await pair.settles('demo/there.txt');
    expect(await pair.differences('demo/there.txt')).toEqual([]);
    expect(await statusOf('demo/there.txt')).not.toContain('error');
  });

  it('end in a visible error within a minute where the object is not at the source, and never in a delete', async () => {
    // It stands at the destination alone: a delete would take it away.
    await pair.destination.put('demo/hello.txt', 'stays');
    const began = Date.now();
    const event = { op: 'PUT', key: 'demo/hello.txt', etag: 'demoe', size: 11, contentType: 'text/plain', ...pair.regions, ts: began } as const;
    const { body } = await pair.call('POST', '/events/ingest', { events: [event] });
    const again = await pair.call('POST', '/events/ingest', { events: [event] });
    expect((await pair.call('POST', '/replay/run', { limit: 10 })).status).toBe(200);

    await expect.poll(() => statusOf('demo/hello.txt'), { timeout: 2 * MINUTE_MS, interval: 200 }).toEqual(['error']);

    const [failed] = await pair.events('demo/hello.txt', '&status=error');
    if (!failed) throw new Error('the error is listed');
    expect(failed.updatedAt - began, 'ms until it was an error').toBeLessThan(MINUTE_MS);
    expect(failed).toMatchObject({ op: 'PUT', etag: 'demoe', ...pair.regions });
    expect(failed.lastError).toContain('no such key at the source');
    expect(again.body).toMatchObject({ accepted: 0, duplicate: 1, results: [{ id: failed.id, status: 'duplicate' }] });
    expect(body).toMatchObject({ results: [{ id: failed.id }] });
    expect(await pair.destination.text('demo/hello.txt')).toBe('stays');

    // The object itself is an event of its own, and covers the one that was told.
    await pair.source.put('demo/hello.txt', 'hello world');
    await pair.arrives('demo/hello.txt', 'hello world');
    await pair.eventually(async () => (await pair.events('demo/hello.txt', '&status=error')).length, 0);
  });

  it('stand in the audit trail of the table, before and after', async () => {
    const { body } = await pair.call('GET', '/audit?action=runReplay&limit=2');
    const asked = {
      entry: { action: 'runReplay', actor: expect.stringMatching(/^iam:arn:/), subject: '/replay/run', details: { body: { limit: 10 } } },
    };

    expect(body).toMatchObject({ entries: [asked, { entry: { action: 'runReplay.outcome', details: { status: 200 } } }] });
    expect((await pair.call('GET', '/audit/head')).body).toMatchObject({ length: expect.any(Number), hash: expect.any(String) });
  });
});
