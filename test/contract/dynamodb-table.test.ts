/** The DynamoDB state beyond the port. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import { recordKey } from '../../lib/adapters/dynamodb/keys.ts';
import { decodeRecord, encodeRecord } from '../../lib/adapters/dynamodb/record-body.ts';
import { TTL } from '../../lib/adapters/dynamodb/schema.ts';
import { CHANGE_OPS, CHANGE_ORIGINS } from '../../lib/core/change.ts';
import { DELIVERY_STATUSES, deliveryId } from '../../lib/core/objects/delivery.ts';
import type { ReplicationRecord } from '../../lib/core/objects/record.ts';
import { type DynamoServer, dynamoAvailable, dynamoClient, startDynamoServer } from '../fixtures/dynamodb-server.ts';
import { freePort } from '../fixtures/server-process.ts';
import { ManualClock } from './manual-clock.ts';
import { APPLIED, delivery, LEASE, listedIds, NOW, next, ROUTE, record, store, TOMBSTONE } from './replication-state-support.ts';

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

describe('the body of a record', () => {
  const roundTrip = (one: ReplicationRecord): ReplicationRecord => decodeRecord(one.route, one.key, one.version, encodeRecord(one));

  it('keeps every field', () => {
    const facts = { op: 'PUT', origin: 's3', ts: NOW - 5, etag: 'e', sequencer: '0A' } as const;
    const id = deliveryId(ROUTE, { ...facts, key: 'a/ü' });
    const full = record('a/ü', {
      applied: APPLIED,
      lease: { ...LEASE, dirty: true, extended: false },
      intent: true,
      upload: { id: 'u', etag: 'e', properties: 'p' },
      expiresAt: NOW + 1,
      deliveries: [
        delivery(id, 'done', { ...facts, size: 0, versionId: 'v', contentType: 'text/plain', dueAt: NOW, lastError: '…' }),
        delivery(`other.hash.${Buffer.from('a/ü').toString('base64url')}`, 'error', { ts: Number.MIN_SAFE_INTEGER }),
        delivery('=odd.', 'pending', { ts: Number.MAX_SAFE_INTEGER }),
      ],
    });

    expect(roundTrip(full)).toEqual(full);
    expect(roundTrip(record('k', { applied: { ...TOMBSTONE, sequencer: '0B' } }))).toEqual(
      record('k', { applied: { ...TOMBSTONE, sequencer: '0B' } }),
    );
  });

  it('tells every op, origin and status from the others', () => {
    const all = CHANGE_OPS.flatMap((op) =>
      CHANGE_ORIGINS.flatMap((origin) => DELIVERY_STATUSES.map((status) => delivery(`${op} ${origin} ${status}`, status, { op, origin }))),
    );

    expect(roundTrip(record('k', { deliveries: all })).deliveries).toEqual(all);
  });

  it('refuses a form that a newer one wrote', () => {
    expect(() => decodeRecord(ROUTE, 'k', 1, '[2,0,null,[]]')).toThrow(/form 2/);
  });
});

describe.skipIf(!dynamoAvailable())('the dynamodb state beyond the port', () => {
  let server: DynamoServer;
  let tableName: string;
  let dynamo: DynamoState;
  beforeAll(async () => {
    server = await startDynamoServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    tableName = await server.createTable();
    dynamo = another();
  });

  const another = (client = server.client): DynamoState => new DynamoState({ client, tableName, clock: new ManualClock() });

  it('refuses a record whose version does not follow the expected one', async () => {
    await expect(dynamo.state.put(record('k', { version: 3 }), 1)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('refuses more than 100 keys at once, and reads a key that is named twice once', async () => {
    await dynamo.state.put(record('k0'), 0);
    const keys = Array.from({ length: 101 }, (_, n) => `k${n}`);

    await expect(dynamo.state.getMany(ROUTE, keys)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect([...(await dynamo.state.getMany(ROUTE, ['k0', 'k0'])).keys()]).toEqual(['k0']);
  });

  it('keeps a record that is far larger than one write unit', async () => {
    const deliveries = Array.from({ length: 20 }, (_, n) => delivery(`d${n}`, 'error', { lastError: 'x'.repeat(300), etag: `${n}` }));
    const large = record('k'.repeat(1_024), { deliveries });

    await dynamo.state.put(large, 0);

    expect(await dynamo.state.get(ROUTE, large.key)).toEqual(large);
  });

  it('lets only settled tombstones expire, and none that came back to life', async () => {
    const expiresAt = NOW + 1_500;
    const settled = record('settled', { applied: TOMBSTONE, expiresAt });
    await store(dynamo.state, [
      settled,
      record('open', { applied: TOMBSTONE, expiresAt, deliveries: [delivery('o', 'pending')] }),
      record('failed', { applied: TOMBSTONE, expiresAt, deliveries: [delivery('f', 'error')] }),
      record('claimed', { applied: TOMBSTONE, expiresAt, lease: LEASE }),
    ]);
    const ttl = async (key: string): Promise<unknown> => {
      const { Item } = await server.client.send(new GetCommand({ TableName: tableName, Key: { ...recordKey(ROUTE, key) } }));
      return Item?.[TTL];
    };

    expect(await ttl('settled')).toBe(NOW / 1_000 + 2);
    expect([await ttl('open'), await ttl('failed'), await ttl('claimed')]).toEqual([undefined, undefined, undefined]);
    const { expiresAt: _over, ...alive } = next(settled, { applied: APPLIED });
    await dynamo.state.put(alive, 1);
    expect(await ttl('settled')).toBeUndefined();
  });

  it('adds what several processes counted, and counts nothing twice', async () => {
    const other = another();
    await store(dynamo.state, [record('a', { applied: APPLIED, deliveries: [delivery('a', 'done')] })]);
    await store(other.state, [record('b', { applied: APPLIED, deliveries: [delivery('b', 'done')] })]);

    await Promise.all([dynamo.flush(), other.flush(), dynamo.flush()]);

    expect(await another().index.stats()).toMatchObject({ counts: { done: 2 }, objects: { [ROUTE]: 2 } });
  });

  it('keeps what was found out for other processes, for some hours, whether or not the table has removed it by then', async () => {
    const clock = new ManualClock();
    const findings = (): DynamoState['findings'] => new DynamoState({ client: server.client, tableName, clock }).findings;
    await findings().remember('bucket', { tags: true, of: ['ü'] });

    expect(await findings().recall('bucket')).toEqual({ tags: true, of: ['ü'] });
    expect(await findings().recall('another')).toBeNull();

    clock.advance(24 * 3_600_000);
    expect(await findings().recall('bucket')).toBeNull();
  });

  it('finds the one error among many records by its index, and pages through more than one page of each partition', async () => {
    const key = (n: number): string => `k${String(n).padStart(4, '0')}`;
    const all = Array.from({ length: 600 }, (_, n) => record(key(n), { deliveries: [delivery(key(n), n === 500 ? 'error' : 'done')] }));
    await store(dynamo.state, all);

    expect(await dynamo.index.deliveries({ status: 'error', limit: 10 })).toMatchObject({ events: [{ id: key(500) }] });
    expect(await listedIds(dynamo.index, { limit: 250 })).toEqual(all.map((one) => one.key));
    expect(await listedIds(dynamo.index, { keyLike: 'k01', limit: 30 })).toEqual(all.slice(100, 200).map((one) => one.key));
  });

  it('names in the order of their keys, page by page, what began to wait in the same millisecond', async () => {
    const keys = Array.from({ length: 40 }, (_, n) => `k${String(n).padStart(2, '0')}`);
    await store(
      dynamo.state,
      keys.map((key) => record(key, { deliveries: [delivery(key, 'error')] })),
    );
    const seen: string[] = [];

    for (let page = await dynamo.index.waiting('error', 7); page.length > 0; page = await dynamo.index.waiting('error', 7, page.at(-1))) {
      seen.push(...page.map(({ key }) => key));
    }

    expect(seen).toEqual(keys);
  });

  describe('when the first of two tries is cut off', () => {
    const mine = record('k', { lease: LEASE });
    let cutOff: 'the request' | 'the answer';
    let tries: number;
    let lossy: ReturnType<typeof dynamoClient>;
    beforeEach(async () => {
      // So that the route is known, and the next write is the record's.
      await dynamo.state.put(record('before'), 0);
      tries = 0;
      lossy = dynamoClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: CREDENTIALS, maxAttempts: 3 });
      lossy.client.middlewareStack.add(
        (nextStep, { commandName }) =>
          async (args) => {
            if (commandName !== 'UpdateItemCommand' || tries++ > 0) return nextStep(args);
            if (cutOff === 'the answer') await nextStep(args);
            throw Object.assign(new Error('the connection was cut'), { name: 'TimeoutError', $metadata: {} });
          },
        // Below the client's retries, above the wire.
        { step: 'finalizeRequest', priority: 'low', name: 'cutOff' },
      );
    });
    afterEach(() => lossy.destroy());

    it('knows its own write again', async () => {
      cutOff = 'the answer';

      expect(await another(lossy.client).state.put(mine, 0)).toBe(true);

      expect(tries).toBe(2);
      expect(await dynamo.state.get(ROUTE, 'k')).toEqual(mine);
    });

    it('takes no other for its own', async () => {
      const theirs = record('k', { lease: { ...LEASE, owner: 'another' } });
      await dynamo.state.put(theirs, 0);
      cutOff = 'the request';

      expect(await another(lossy.client).state.put(mine, 0)).toBe(false);

      expect(tries).toBe(2);
      expect(await dynamo.state.get(ROUTE, 'k')).toEqual(theirs);
    });
  });

  it.each([
    ['answers nothing', async () => dynamoClient(nowhere(await freePort())), { code: 'UNAVAILABLE', outcomeUnknown: false }],
    ['has no such table', async () => dynamoClient(nowhere(Number(new URL(server.endpoint).port))), { code: 'UNAVAILABLE' }],
  ] as const)('says so when the service %s', async (_what, connect, wanted) => {
    const { client, destroy } = await connect();
    const { state } = new DynamoState({ client, tableName: 'no-such-table', clock: new ManualClock() });

    await expect(state.put(record('k'), 0)).rejects.toMatchObject(wanted);
    await expect(state.get(ROUTE, 'k')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    destroy();
  });

  const nowhere = (port: number) => ({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
});
