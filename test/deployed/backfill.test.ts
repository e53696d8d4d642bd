import { expect, it } from 'vitest';
import { describeDeployed, PATIENCE, Pair } from './client.ts';

const PREFIX = 'backfill/';
const KEYS = Array.from({ length: 40 }, (_, n) => `${PREFIX}${n % 4}/${n}.txt`);
const textOf = (key: string): string => `the text of ${key}`;

describeDeployed('a backfill', () => {
  const pair = new Pair('main');
  const ask = { ...pair.regions, prefix: PREFIX };
  const view = async (id: string): Promise<Record<string, unknown>> => (await pair.call('GET', `/backfill/${id}`)).body;

  async function run(mode: 'missing' | 'all'): Promise<string> {
    const started = await pair.call('POST', '/backfill', { ...ask, mode });
    expect(started).toMatchObject({ status: 202, body: { status: 'planning', mode, prefix: PREFIX } });
    const id = String(started.body.id);
    await expect.poll(async () => (await view(id)).status, PATIENCE).toBe('done');
    return id;
  }

  it('copies what is missing, and that alone, through its workflow', async () => {
    for (const key of KEYS) await pair.source.put(key, textOf(key));
    for (const key of KEYS) await pair.arrives(key, textOf(key));
    await pair.drains();
    const lost = KEYS.slice(3, 8);
    for (const key of lost) await pair.destination.delete(key);
    await pair.destination.put(`${PREFIX}extra.txt`, 'of someone else');

    const dry = await pair.call('POST', '/backfill', { ...ask, mode: 'missing', dryRun: true });
    expect(dry).toMatchObject({
      status: 200,
      body: { estimate: { objects: KEYS.length, exact: true, copies: lost.length, requests: { copy: lost.length } } },
    });

    const id = await run('missing');

    for (const key of lost) await pair.arrives(key, textOf(key));
    await expect
      .poll(() => view(id), PATIENCE)
      .toMatchObject({ listed: KEYS.length, enqueued: lost.length, done: lost.length, failed: 0, waiting: 0 });
    expect(await pair.destination.text(`${PREFIX}extra.txt`)).toBe('of someone else');
  });

  it('looks at everything where it is asked to, and is listed', async () => {
    const id = await run('all');

    await expect.poll(() => view(id), PATIENCE).toMatchObject({ listed: KEYS.length, enqueued: KEYS.length, done: KEYS.length, waiting: 0 });
    const { body } = await pair.call('GET', '/backfill');
    expect(body.backfills).toMatchObject([{ id, mode: 'all' }, { mode: 'missing' }]);
  });

  it('is cancelled with its workflow, unless it was done before that', async () => {
    const { body } = await pair.call('POST', '/backfill', { ...ask, mode: 'all' });
    const id = String(body.id);

    const answer = await pair.call('POST', `/backfill/${id}/cancel`);

    expect([200, 409], JSON.stringify(answer.body)).toContain(answer.status);
    expect((await view(id)).status).toBe(answer.status === 200 ? 'cancelled' : 'done');
    // Either way there is room for the next.
    await run('missing');
  });
});
