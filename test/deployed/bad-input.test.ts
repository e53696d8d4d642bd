/** What no careful client sends: a clear answer or a recorded message, never a 5xx, never a stuck queue. */
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { type DeployedEvent, describeDeployed, Pair } from './client.ts';
import { abandonedQueueUrl, deadLetters, notification, send } from './queues.ts';

const MIB = 1024 * 1024;
const DAY_MS = 24 * 3600 * 1000;

type Request = readonly [method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body: unknown, status: number, field: string];

describeDeployed('a bad request', () => {
  const pair = new Pair('input');
  const good = (key: string) => ({ op: 'PUT', key: `told/${key}`, ts: Date.now(), ...pair.regions });

  const requests: readonly Request[] = [
    ['POST', '/events/ingest', 'not JSON', 400, 'body'],
    ['POST', '/events/ingest', '', 400, 'body'],
    ['POST', '/events/ingest', [], 400, 'body'],
    ['POST', '/events/ingest', {}, 400, 'events'],
    ['POST', '/events/ingest', { events: 'all' }, 400, 'events'],
    ['POST', '/events/ingest', { events: [] }, 400, 'events'],
    ['POST', '/events/ingest', { events: Array.from({ length: 1001 }, (_, n) => good(String(n))) }, 400, 'events'],
    ['POST', '/events/ingest', { events: [good('a')], pad: 'x'.repeat(MIB) }, 413, 'body'],
    ['GET', '/events?limit=-1', undefined, 400, 'limit'],
    ['GET', '/events?limit=1001', undefined, 400, 'limit'],
    ['GET', '/events?limit=ten', undefined, 400, 'limit'],
    ['GET', '/events?offset=-1', undefined, 400, 'offset'],
    ['GET', '/events?status=lost', undefined, 400, 'status'],
    ['GET', '/events?limt=1', undefined, 400, 'limt'],
    ['GET', '/events?cursor=none', undefined, 400, 'cursor'],
    ['GET', '/events/none', undefined, 404, 'id'],
    ['POST', '/replay/run', { limit: -1 }, 400, 'limit'],
    ['POST', '/replay/run', { limit: '10' }, 400, 'limit'],
    ['POST', '/replay/run', { leaseSec: 0 }, 400, 'leaseSec'],
    ['POST', '/events/requeue', {}, 400, 'body'],
    ['POST', '/events/requeue', { ids: [] }, 400, 'ids'],
    ['POST', '/events/requeue', { ids: ['one'], allErrors: true }, 400, 'body'],
    ['POST', '/backfill/keys', { keys: [], ...pair.regions }, 400, 'keys'],
    ['POST', '/backfill/keys', { keys: ['a'], ...pair.regions, srcRegion: 'mars' }, 400, 'srcRegion'],
    ['POST', '/events/s3', { Records: [{ eventVersion: '3.0' }] }, 400, 'Records[0].eventVersion'],
    ['POST', '/routes/none/resume', { acceptDeletes: true }, 404, 'route'],
    ['GET', '/nowhere', undefined, 404, 'path'],
    ['PUT', '/events', {}, 405, 'method'],
    ['DELETE', '/events/ingest', undefined, 405, 'method'],
  ];

  it('is answered as a problem that names the field and the fix', async () => {
    for (const [method, path, body, status, field] of requests) {
      const what = `${method} ${path} ${JSON.stringify(body)?.slice(0, 100)}`;
      const answer = await pair.call(method, path, body);
      expect(answer, what).toMatchObject({ status, body: { status, title: expect.any(String), detail: expect.any(String) } });
      expect(answer.body.errors, what).toContainEqual({ field, message: expect.stringMatching(/\w/), fix: expect.stringMatching(/\w/) });
    }
  });

  it('leaves its good neighbours alone: a bad event is rejected with its field, a duplicate is one', async () => {
    await pair.source.put('told/good.txt', 'good');
    const told = good('good.txt');
    const bad: readonly (readonly [field: string, event: unknown])[] = [
      ['event', null],
      ['op', { ...told, op: 'RENAME' }],
      ['op', { ...told, op: 1 }],
      ['key', { ...told, key: '' }],
      ['key', { ...told, key: 'é'.repeat(513) }],
      ['key', { ...told, key: ['told/good.txt'] }],
      ['size', { ...told, size: -1 }],
      ['etag', { ...told, etag: 5 }],
      ['srcRegion', { ...told, srcRegion: 'mars' }],
      ['dstRegion', { ...told, dstRegion: pair.regions.srcRegion }],
      ['ts', { ...told, ts: Date.now() + 2 * DAY_MS }],
      ['ts', { ...told, ts: 'now' }],
    ];

    const { status, body } = await pair.call('POST', '/events/ingest', { events: [...bad.map(([, event]) => event), told, told] });

    expect({ status, body }).toMatchObject({ status: 202, body: { accepted: 1, duplicate: 1, rejected: bad.length } });
    const results = body.results as { status: string; reason?: string }[];
    expect(results.slice(0, bad.length)).toEqual(
      bad.map(([field]) => ({ id: null, status: 'rejected', reason: expect.stringMatching(new RegExp(`^${field}: `)) })),
    );
    await pair.arrives('told/good.txt', 'good');
    await pair.settles('told/good.txt');
  });
});

describeDeployed('a message that nobody should send', () => {
  const pair = new Pair('input');
  const unreadable = async (): Promise<readonly DeployedEvent[]> =>
    (await pair.events('', '&status=error')).filter(({ srcRegion }) => srcRegion === null);

  it('is recorded and parked, or skipped, while its neighbours in the batch flow', async () => {
    const { bucket } = pair.source;
    for (const key of ['sent/first.txt', 'sent/last.txt']) {
      await pair.source.put(key, `text of ${key}`);
      await pair.arrives(key, `text of ${key}`);
      await pair.settles(key);
      // What brings it back is the message alone.
      await pair.destination.delete(key);
    }
    const parked = [
      'no JSON',
      '{"hello":"world"}',
      '{"type":"tidemark.look/9"}',
      notification(bucket, 'sent/version.txt', { eventVersion: '3.0' }),
      notification(bucket, 'sent/%ff.txt'),
    ];
    const skipped = [
      JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: bucket }),
      notification('nobodys-bucket', 'sent/alien.txt'),
      notification(bucket, 'sent/read.txt', { eventName: 'ObjectAccessed:Get' }),
    ];
    const sent = [notification(bucket, 'sent/first.txt'), ...parked, ...skipped, notification(bucket, 'sent/last.txt')];

    const Entries = sent.map((MessageBody, place) => ({ Id: String(place), MessageBody }));
    await pair.sqs.send(new SendMessageBatchCommand({ QueueUrl: pair.output('EventsQueueUrl'), Entries }));

    for (const key of ['sent/first.txt', 'sent/last.txt']) await pair.arrives(key, `text of ${key}`);
    await pair.eventually(async () => (await unreadable()).length, parked.length);
    for (const { attempts, lastError } of await unreadable()) {
      expect(attempts).toBe(1);
      expect(lastError).toMatch(/^MALFORMED_MESSAGE: .*the message begins with "/);
    }
    await pair.drains();
    expect((await pair.call('GET', '/metrics')).body).toMatchObject({
      counts: { pending: 0, in_progress: 0, error: parked.length },
      queue: { waiting: 0, delayed: 0, inFlight: 0, dead: parked.length },
    });
    const letters = await deadLetters(pair);
    expect(letters.map(({ body }) => body).sort()).toEqual(parked.toSorted());
    for (const { reason } of letters) expect(reason).toContain('MALFORMED_MESSAGE');
    expect((await pair.call('GET', '/healthz')).status).toBe(200);
  });

  it('is recorded when the queue gave it up unread; one that can be read is requeued to done', async () => {
    await pair.source.put('sent/given up.txt', 'given up');
    await pair.arrives('sent/given up.txt', 'given up');
    await pair.settles('sent/given up.txt');
    await pair.destination.delete('sent/given up.txt');
    const before = (await unreadable()).length;
    const queue = await abandonedQueueUrl(pair);

    await send(pair, queue, 'killed every worker');
    await send(pair, queue, notification(pair.source.bucket, 'sent/given+up.txt'));

    await pair.eventually(async () => (await unreadable()).length, before + 1);
    expect((await unreadable()).map(({ lastError }) => lastError)).toContainEqual(expect.stringContaining('killed every worker'));
    await pair.eventually(async () => (await pair.events('sent/given up.txt', '&status=error')).length, 1);
    const [crashed] = await pair.events('sent/given up.txt', '&status=error');
    expect(crashed).toMatchObject({ op: 'PUT', lastError: expect.stringContaining('CRASHED') });
    const reasons = async (): Promise<unknown> =>
      (await deadLetters(pair)).flatMap(({ body, reason }) => (/killed|given/.test(body) ? [reason] : [])).sort();
    await pair.eventually(reasons, [expect.stringContaining('CRASHED'), expect.stringContaining('MALFORMED_MESSAGE')]);
    expect(await pair.destination.text('sent/given up.txt')).toBe(null);

    expect(await pair.call('POST', '/events/requeue', { ids: [crashed?.id] })).toEqual({ status: 200, body: { requeued: 1 } });

    await pair.arrives('sent/given up.txt', 'given up');
    await pair.eventually(async () => (await pair.events('sent/given up.txt')).every(({ status }) => status === 'done'), true);
    await pair.drains();
  });
});
