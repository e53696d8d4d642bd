/** What every answer has in common, whatever was asked. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HandlerWorld, notification } from '../fixtures/handler-world.ts';

let world: HandlerWorld;
beforeEach(async () => {
  world = await HandlerWorld.create();
});
afterEach(() => world.dispose());

const event = (key: string): Record<string, unknown> => ({ op: 'PUT', key, srcRegion: 'primary', dstRegion: 'secondary', ts: 1_724_130_000_000 });
const DELIVERY = { op: 'PUT', origin: 's3', ts: 1, status: 'error', attempts: 1, createdAt: 1, updatedAt: 1 } as const;
const having = (etag: unknown): object => ({ headers: { 'if-none-match': String(etag) } });

describe('a read that is asked for again', () => {
  it.each(['/events', '/metrics', '/backfill', '/healthz', '/openapi.json', '/api/docs'])('%s is not sent twice', async (path) => {
    const first = await world.call('GET', path);
    const again = await world.call('GET', path, undefined, having(first.headers.etag));
    const other = await world.call('GET', path, undefined, having('"of something else"'));

    expect(first).toMatchObject({ status: 200, headers: { etag: expect.stringMatching(/^"[\w-]{27}"$/), 'cache-control': 'private, no-cache' } });
    expect(again).toMatchObject({ status: 304, text: '', headers: { etag: first.headers.etag, 'x-request-id': 'request-2' } });
    expect(again.headers).not.toHaveProperty('content-type');
    expect(other).toMatchObject({ status: 200, text: first.text });
  });

  it('is sent once it says something else', async () => {
    const { headers } = await world.call('GET', '/events');
    const told = await world.call('POST', '/events/ingest', { events: [event('a')] });
    const [{ id } = { id: '' }] = told.body.results as { id: string }[];
    const one = await world.call('GET', `/events/${id}`);

    const changed = await world.call('GET', '/events', undefined, having(headers.etag));
    const same = await world.call('GET', `/events/${id}`, undefined, having(one.headers.etag));

    expect(changed).toMatchObject({ status: 200, body: { events: [{ key: 'a' }] } });
    expect(changed.headers.etag).not.toBe(headers.etag);
    expect(same.status).toBe(304);
  });

  it.each([
    ['among others', (etag: string) => `"x", ${etag},"y"`],
    ['made weak on its way', (etag: string) => `W/${etag}`],
    ['whatever it is', () => '*'],
  ])('is known by its tag, %s', async (_how, sent) => {
    const { headers } = await world.call('GET', '/events');

    expect((await world.call('HEAD', '/events', undefined, having(sent(String(headers.etag))))).status).toBe(304);
  });

  it('is sent where it failed, and after a write', async () => {
    const missing = await world.call('GET', '/events/nonsense', undefined, having('*'));
    const written = await world.call('POST', '/replay/run', {}, having('*'));

    expect(missing).toMatchObject({ status: 404, headers: { 'cache-control': 'no-store' } });
    expect(written).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(written.headers).not.toHaveProperty('etag');
  });
});

describe('an answer that no function could give', () => {
  it('is refused with what to do, and one that just fits is given', async () => {
    await world.dispose();
    const shown = (key: string) => ({ ...DELIVERY, id: key, key, lastError: '\u0001'.repeat(1_000), route: 'primary-secondary' });
    let count = 1_000;
    const deliveries = async () => ({ events: Array.from({ length: count }, (_, n) => shown(`k${n}`)) });
    world = await HandlerWorld.create({ instead: ({ index }) => ({ index: Object.create(index, { deliveries: { value: deliveries } }) }) });

    const refused = await world.call('GET', '/events?limit=1000');
    count = 750;
    const given = await world.call('GET', '/events?limit=1000');

    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'limit', fix: 'Ask for fewer at once.' }] } });
    expect(given.status).toBe(200);
    expect(JSON.stringify({ body: given.text }).length).toBeLessThan(6 * 1024 * 1024);
  });
});

describe('the id of a request', () => {
  it('stands in every answer', async () => {
    const answers = [
      await world.call('GET', '/events'),
      await world.call('GET', '/nothing'),
      await world.call('POST', '/events/ingest', 'nonsense'),
      await world.call('DELETE', '/events'),
      await world.call('GET', '/openapi.json'),
      await world.call('POST', '/events/s3', `{"pad":"${'x'.repeat(1024 * 1024)}"}`),
    ];

    expect(answers.map(({ headers }) => headers['x-request-id'])).toEqual(answers.map((_, index) => `request-${index + 1}`));
  });

  it('stands in every line that the log has of it', async () => {
    await world.call('POST', '/events/s3', notification('a', { s3: { bucket: { name: 'mars' }, object: { key: 'a' } } }));
    await world.call('POST', '/routes/primary-secondary/resume', { acceptDeletes: true });
    const { body } = await world.call('POST', '/backfill', { srcRegion: 'primary', dstRegion: 'secondary', mode: 'missing' });
    await world.call('POST', `/backfill/${body.id}/cancel`);

    const ids = world.lines.filter(({ fields }) => 'requestId' in fields).map(({ fields }) => fields.requestId);

    expect(ids).toEqual(['request-1', 'request-2', 'request-3', 'request-4']);
  });
});
