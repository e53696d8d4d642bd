/** Bad and odd input in bulk: never a 5xx, never a throw, never a stuck queue; what is refused is told by field and fix. */
import type { SQSEvent } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSweepHandler } from '../../lambdas/sweep/handler.ts';
import { lambdaContext } from '../../lib/local/lambda-context.ts';
import { type Answer, HandlerWorld, notification } from '../fixtures/handler-world.ts';

const RUNS = 420;
const REQUESTS_A_RUN = 16;
const MESSAGES_A_RUN = 8;

// ── what is sent ────────────────────────────────────────────────────────────

interface Sent {
  readonly method: string;
  readonly target: string;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

const LONG_KEY = 'é'.repeat(513);
const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const DEEP_OBJECT = `${'{"type":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
const OVER_1_MIB = JSON.stringify({ events: [], pad: 'x'.repeat(1024 * 1024) });
const ENDS = { srcRegion: 'primary', dstRegion: 'secondary' };
const NOW = Date.now();
/** Few, so that all that is accepted meets in few records. */
const ODD_KEYS = [
  '__proto__',
  'constructor',
  'a',
  '..',
  '/',
  '//',
  ' ',
  '%2F',
  'a+b?c#d',
  '😀',
  '\u0001',
  'é'.repeat(512),
  'ends/',
  '.tidemark-probe/x',
];

const junk = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, -1, 0, 1.5, 2 ** 60, 1e308, '', ' ', 'x', '\ud800', 'a\0b', '__proto__', [], {}, [[]], {
    constructor: 1,
  }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.jsonValue({ maxDepth: 2 }),
);
const orJunk = (...good: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: junk });

const event = fc.record(
  {
    op: orJunk('PUT', 'DELETE', 'TAG', 'UNKNOWN', 'put'),
    key: orJunk(...ODD_KEYS, '', LONG_KEY),
    etag: orJunk('x', '"x"', null, 'e'.repeat(257)),
    size: orJunk(0, 5, -1),
    contentType: orJunk('text/plain', null),
    srcRegion: orJunk('primary', 'primary', 'secondary', 'mars', '__proto__'),
    dstRegion: orJunk('secondary', 'secondary', 'primary', 'toString'),
    ts: orJunk(0, 5, NOW, NOW, NOW + 90_000_000, 8.64e15 + 1, -5),
  },
  { requiredKeys: ['op', 'key'] },
);

const asJson = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> => value.map((each) => JSON.stringify(each) ?? '');
const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  asJson(junk),
  fc.constantFrom(
    '',
    '{',
    'null',
    '{"__proto__":{"events":[]}}',
    '{"events":{"__proto__":[]}}',
    '{"events":[{"__proto__":{"op":"PUT"}}]}',
    '{"a":1}{"b":2}',
    '\ufeff{"events":[]}',
    '{"events":"\ud800"}',
  ),
  fc.constantFrom(DEEP, `{"events":[${DEEP}]}`, `{"Records":[{"eventVersion":${DEEP}}]}`, DEEP_OBJECT),
);

const events = fc.oneof(
  { weight: 40, arbitrary: fc.array(event, { maxLength: 6 }).map((list) => JSON.stringify({ events: list })) },
  { weight: 10, arbitrary: event.map((each) => JSON.stringify({ events: [each, each, each] })) },
  { weight: 10, arbitrary: asJson(fc.record({ events: junk, extra: junk }, { requiredKeys: [] })) },
  { weight: 1, arbitrary: event.map((each) => JSON.stringify({ events: Array.from({ length: 1001 }, () => each) })) },
  { weight: 1, arbitrary: fc.constant(OVER_1_MIB) },
  { weight: 10, arbitrary: oddText },
);

const storeRecord = fc
  .record(
    {
      eventVersion: orJunk('2.1', '2.1', '2.9', '3.0', '1.0'),
      eventSource: orJunk('minio:s3', 'aws:s3'),
      eventName: orJunk('s3:ObjectCreated:Put', 'ObjectRemoved:Delete', 's3:ObjectTagging:Put', 's3:ObjectAccessed:Get', 's3:Replication:Lost'),
      eventTime: orJunk('2026-01-01T00:00:00Z', '9999-12-31T23:59:59Z', 'yesterday'),
      awsRegion: orJunk('', 'eu-west-1'),
      s3: orJunk(
        ...ODD_KEYS.map((key) => ({ bucket: { name: 'primary' }, object: { key: encodeURIComponent(key), sequencer: key } })),
        { bucket: { name: 'mars' }, object: { key: 'a' } },
        { bucket: { name: 'primary' }, object: { key: '%ff' } },
        { bucket: { name: 'primary' }, object: { key: LONG_KEY, size: -1, eTag: 5 } },
        { bucket: {}, object: {} },
      ),
    },
    { requiredKeys: ['eventVersion', 'eventName', 's3'] },
  )
  .map((record) => ({ Records: [record] }));

const look = fc.record(
  {
    type: orJunk('tidemark.look/1', 'tidemark.look/1', 'tidemark.look/2'),
    route: orJunk('primary-secondary', 'primary-secondary', 'nowhere'),
    key: orJunk(...ODD_KEYS, LONG_KEY),
    changes: orJunk([], [{ op: 'PUT', key: 'a', origin: 's3', ts: 'x' }], [{ op: 'PUT', key: 'a', origin: 's3', ts: 5, sequencer: {} }]),
  },
  { requiredKeys: ['type'] },
);

const messageBody = fc.oneof(
  { weight: 8, arbitrary: asJson(storeRecord) },
  { weight: 5, arbitrary: asJson(look) },
  { weight: 3, arbitrary: oddText },
  { weight: 1, arbitrary: fc.constantFrom('{"Event":"s3:TestEvent"}', '{"Records":[]}', JSON.stringify(notification('a'))) },
);

const post = (target: string, body: fc.Arbitrary<string>): fc.Arbitrary<Sent> => body.map((text) => ({ method: 'POST', target, body: text }));
const number = orJunk(1, 5, 0, -1, 1001, '10', 1.5);
const keys = fc.oneof(orJunk([]), fc.array(orJunk(...ODD_KEYS, LONG_KEY), { maxLength: 4 }));
const param = fc.oneof(
  fc.constantFrom('1', '-1', '0', '9999999', '1e3', 'NaN', 'error', 'lost', '%', '%25', '%ff', 'a%', '', 'x'.repeat(1025)),
  fc.string({ maxLength: 20 }),
);
const query = fc
  .array(fc.tuple(fc.constantFrom('status', 'keyLike', 'limit', 'offset', 'cursor', '__proto__', 'limt'), param), { maxLength: 3 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
const PATHS = [
  '/',
  '/events',
  '/events/ingest',
  '/events/s3',
  '/events/requeue',
  '/replay/run',
  '/backfill/keys',
  '/metrics',
  '/healthz',
  '/routes/primary-secondary/resume',
  '/routes/__proto__/resume',
];

const request: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 10, arbitrary: post('/events/ingest', events) },
  { weight: 6, arbitrary: post('/events/s3', fc.oneof(messageBody, oddText)) },
  {
    weight: 1,
    arbitrary: post(
      '/replay/run',
      fc.oneof(asJson(fc.record({ limit: number, leaseSec: number, maxRetries: number }, { requiredKeys: [] })), oddText),
    ),
  },
  {
    weight: 3,
    arbitrary: post('/events/requeue', fc.oneof(asJson(fc.record({ ids: keys, allErrors: orJunk(false) }, { requiredKeys: [] })), oddText)),
  },
  {
    weight: 2,
    arbitrary: post(
      '/backfill/keys',
      fc.oneof(asJson(fc.record({ keys, srcRegion: orJunk('primary'), dstRegion: orJunk('secondary') }, { requiredKeys: ['keys'] })), oddText),
    ),
  },
  { weight: 1, arbitrary: post('/routes/primary-secondary/resume', oddText) },
  { weight: 3, arbitrary: query.map((text) => ({ method: 'GET', target: `/events?${text}` })) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }).map((text) => ({ method: 'GET', target: `/events/${text}` })) },
  {
    weight: 3,
    arbitrary: fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'BREW'),
      target: fc.oneof(fc.constantFrom(...PATHS), fc.webPath()),
      body: oddText,
    }),
  },
  { weight: 1, arbitrary: oddText.map((body) => ({ method: 'POST', target: '/events/ingest', body, isBase64Encoded: true })) },
);

/** A record as SQS would never send it. */
const oddRecord = fc.oneof(
  junk,
  fc.record(
    {
      messageId: junk,
      receiptHandle: junk,
      body: fc.oneof(junk, messageBody),
      attributes: fc.oneof(junk, fc.record({ ApproximateReceiveCount: junk, SentTimestamp: junk })),
    },
    { requiredKeys: [] },
  ),
);

// ── what is expected ────────────────────────────────────────────────────────

interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly fix: string;
}

function expectAnswered({ method, target, body }: Sent, { status, headers, body: answer }: Answer): void {
  const what = `${method} ${target} ${body?.slice(0, 200)} → ${status} ${JSON.stringify(answer).slice(0, 400)}`;
  // GET /healthz says 503 when something is wrong; here nothing is.
  expect(status, what).toBeLessThan(500);
  expect(headers['x-request-id'], what).toMatch(/^request-\d+$/);
  if (status >= 400) expectProblem(what, status, headers, answer);
  if (status !== 202 || target !== '/events/ingest') return;
  const results = answer.results as { status: string; reason?: string }[];
  expect(Number(answer.accepted) + Number(answer.duplicate) + Number(answer.rejected), what).toBe(results.length);
  for (const { reason } of results.filter((result) => result.status === 'rejected')) {
    expect(reason, what).toMatch(/^(event|op|key|etag|size|contentType|srcRegion|dstRegion|ts): /);
  }
}

function expectProblem(what: string, status: number, headers: Answer['headers'], problem: Record<string, unknown>): void {
  expect(headers['content-type'], what).toBe('application/problem+json; charset=utf-8');
  expect(problem, what).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: headers['x-request-id'],
  });
  const errors = problem.errors as FieldError[];
  expect(errors.length, what).toBeGreaterThan(0);
  for (const { field, message, fix } of errors) expect(field.length * message.length * fix.length, what).toBeGreaterThan(0);
}

describe('bad input', () => {
  let world: HandlerWorld;
  beforeAll(async () => {
    world = await HandlerWorld.create();
  });
  afterAll(() => world.dispose());

  it(`gets an answer or is recorded, ${RUNS * (REQUESTS_A_RUN + MESSAGES_A_RUN)} times, and a good event still flows`, async () => {
    let sent = 0;
    const run = fc.asyncProperty(
      fc.array(request, { minLength: REQUESTS_A_RUN, maxLength: REQUESTS_A_RUN }),
      fc.array(messageBody, { minLength: MESSAGES_A_RUN / 2, maxLength: MESSAGES_A_RUN / 2 }),
      fc.array(oddRecord, { minLength: MESSAGES_A_RUN / 2, maxLength: MESSAGES_A_RUN / 2 }),
      async (requests, messages, records) => {
        for (const each of requests) {
          expectAnswered(each, await world.call(each.method, each.target, each.body, each.isBase64Encoded ? { isBase64Encoded: true } : {}));
        }
        await world.queue.send(messages.map((body) => ({ body })));
        await world.replayOnce();
        const batch: SQSEvent = JSON.parse(JSON.stringify({ Records: records }));
        const answer = await world.replay(batch, lambdaContext('replay', 60_000));
        const ids = new Set(batch.Records.map((record) => record?.messageId));
        expect(answer.batchItemFailures.filter(({ itemIdentifier }) => !ids.has(itemIdentifier))).toEqual([]);
        sent += requests.length + messages.length + records.length;
      },
    );
    await fc.assert(run, { numRuns: RUNS });
    expect(sent).toBeGreaterThanOrEqual(10_000);

    await world.put('good.txt', 'a good object');
    const good = { op: 'PUT', key: 'good.txt', ...ENDS, ts: Date.now() };
    expect((await world.call('POST', '/events/ingest', { events: [good] })).body).toMatchObject({ accepted: 1 });
    await world.drain(5_000);
    // A record that was never in the queue does not come back from it: what it left open is swept, as each minute.
    world.clock.advance(3_600_000);
    await makeSweepHandler(world.runtime)();
    await world.drain(5_000);

    expect(await world.textAt(world.destination, 'good.txt')).toBe('a good object');
    const { body: metrics } = await world.call('GET', '/metrics');
    expect(metrics).toMatchObject({ counts: { pending: 0, in_progress: 0 }, queue: { waiting: 0, delayed: 0, inFlight: 0 }, lagMs: 0 });
    expect((await world.call('GET', '/healthz')).status).toBe(200);
    expect(world.lines.filter(({ level }) => level === 'error')).toEqual([]);
  }, 60_000);
});
