/** A destination that is down, as a whole or for one key: what is tried again by itself, and what waits for a person. */
import { afterEach, expect, it } from 'vitest';
import { describeDeployed, Pair } from './client.ts';
import { deadLetters } from './queues.ts';

const MINUTE_MS = 60_000;
/** After a minute of failures the wait before the next attempt is chosen at random, and is two minutes at most. */
const CATCH_UP = { timeout: 150_000, interval: 500 };
/** Exponential backoff makes some eight; without it they would be counted in hundreds. */
const MANY_ATTEMPTS = 20;
const NEW = 4;
/** And one that was overwritten, and one that was deleted. */
const WAITING = NEW + 2;

describeDeployed('a key that the destination refuses', () => {
  const pair = new Pair('outage');
  const faults = pair.faults('outage-of-a-key');
  afterEach(() => faults.clear());

  const statuses = async (key: string): Promise<unknown> => (await pair.events(key)).map(({ status }) => status);
  const dead = async (): Promise<unknown> => (await pair.call('GET', '/metrics')).body.queue;
  const refused = ['poison/by id.txt', 'poison/with all.txt'];
  const neighbours = Array.from({ length: 20 }, (_, n) => `poison/neighbour ${n}.txt`);

  it('ends as an error with its reason and as a dead letter, while its neighbours flow', async () => {
    const refusal = { service: 's3', bucket: pair.destination.bucket, op: 'COPY', status: 403, code: 'AccessDenied' } as const;
    await faults.set(...refused.map((match) => ({ ...refusal, match })));

    for (const key of [...refused, ...neighbours]) await pair.source.put(key, `text of ${key}`);

    await Promise.all(neighbours.map((key) => pair.arrives(key, `text of ${key}`)));
    for (const key of refused) {
      await pair.eventually(() => statuses(key), ['error']);
      const [failed] = await pair.events(key, '&status=error');
      expect(failed).toMatchObject({ op: 'PUT', attempts: 5, lastError: expect.stringMatching(/ACCESS_DENIED.*403 AccessDenied/) });
      expect(await pair.destination.text(key)).toBe(null);
    }
    const letters = await deadLetters(pair);
    expect(letters.map(({ reason }) => reason)).toEqual(refused.map(() => expect.stringContaining('ACCESS_DENIED')));
    const bodies = letters.map(({ body }) => decodeURIComponent(body.replaceAll('+', ' '))).sort();
    expect(bodies).toEqual(refused.map((key) => expect.stringContaining(key)));
    for (const hits of await faults.hits()) expect(hits).toBeGreaterThan(1);
  });

  it('ends as done, requeued by its id or with all errors, once the cause is gone; and no dead letter is left', async () => {
    const [byId = '', withAll = ''] = refused;
    const [failed] = await pair.events(byId, '&status=error');

    expect(await pair.call('POST', '/events/requeue', { ids: [failed?.id] })).toEqual({ status: 200, body: { requeued: 1 } });

    await pair.arrives(byId, `text of ${byId}`);
    await pair.eventually(() => statuses(byId), ['done']);
    expect(await statuses(withAll)).toEqual(['error']);
    expect(await pair.call('POST', '/events/requeue', { allErrors: true })).toEqual({ status: 200, body: { requeued: 1 } });
    await pair.arrives(withAll, `text of ${withAll}`);
    await pair.eventually(() => statuses(withAll), ['done']);
    await pair.drains();
    expect(await dead()).toMatchObject({ dead: 0 });
    expect(await deadLetters(pair)).toEqual([]);
    expect(await pair.differences('poison/')).toEqual([]);
  });
});

describeDeployed('a destination that is down for a minute', () => {
  const pair = new Pair('outage');
  const faults = pair.faults('outage');
  afterEach(() => faults.clear());

  it('is tried again with backoff, and gets everything by itself after it', async () => {
    for (const key of ['down/changes.txt', 'down/goes.txt']) await pair.source.put(key, 'before');
    for (const key of ['down/changes.txt', 'down/goes.txt']) await pair.arrives(key, 'before');
    await pair.settles('down/');
    const { bucket } = pair.destination;
    const began = Date.now();
    const lasts = (ms: number) => expect.poll(() => Date.now() - began, { timeout: 2 * ms, interval: 500 }).toBeGreaterThan(ms);

    await faults.set({ service: 's3', bucket, hang: true });
    for (let n = 0; n < NEW; n++) await pair.source.put(`down/during ${n}.txt`, `text ${n}`, { metadata: { n: String(n) } });
    await pair.source.put('down/changes.txt', 'changed');
    await pair.source.delete('down/goes.txt');
    await lasts(MINUTE_MS / 2);
    const unanswered = await faults.hits();
    await faults.set({ service: 's3', bucket, status: 503 });
    const triedAgain = async (): Promise<number> => (await pair.events('down/', '&status=pending')).filter(({ attempts }) => attempts > 1).length;
    await expect.poll(triedAgain, { timeout: MINUTE_MS / 2, interval: 1_000 }).toBe(WAITING);
    const health = await pair.call('GET', '/healthz');
    await lasts(MINUTE_MS);

    const waiting = await pair.events('down/', '&status=pending');
    expect(waiting).toHaveLength(WAITING);
    for (const { attempts, lastError } of waiting) {
      expect(lastError).toContain('UNAVAILABLE');
      expect(attempts).toBeLessThan(MANY_ATTEMPTS);
    }
    expect(unanswered[0]).toBeGreaterThan(0);
    expect(health.status).toBe(503);
    expect(health.body.checks).toContainEqual(
      expect.objectContaining({ what: `region ${pair.regions.dstRegion}`, ok: false, code: 'UNAVAILABLE', fix: expect.any(String) }),
    );

    await faults.clear();

    await expect.poll(() => pair.differences('down/'), CATCH_UP).toEqual([]);
    await pair.settles('down/');
    expect(await pair.events('down/', '&status=error')).toEqual([]);
    expect((await pair.call('GET', '/healthz')).status).toBe(200);
  }, 300_000);
});
