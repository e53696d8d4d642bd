/** What each path of a key costs in write units, through the use-case that walks it. Objects are modelled: only writes to the table count here. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import type { ObjectChange } from '../../lib/core/change.ts';
import { TidemarkError } from '../../lib/core/errors.ts';
import { ABSENT, type Sight } from '../../lib/core/objects/sight.ts';
import { DEFAULT_RETRY } from '../../lib/core/retry.ts';
import type { Link, RegionStore, ServerSideCopy } from '../../lib/ports/objects.ts';
import { Pace } from '../../lib/usecases/pace.ts';
import { type KeyOutcome, replayKey } from '../../lib/usecases/replay-key.ts';
import { trailOver } from '../fixtures/audit-trail.ts';
import { type DynamoServer, dynamoAvailable, startDynamoServer } from '../fixtures/dynamodb-server.ts';
import { countWrites, type Writes } from './dynamodb-writes.ts';
import { ManualClock } from './manual-clock.ts';

const ROUTE = { name: 'eu-west-1-to-us-east-1', from: 'source', to: 'destination', prefix: '', deletes: true };
/** Sixty characters, as keys of data lakes and uploads have them. */
const KEY = 'tenants/4711/invoices/2026/11/21/0193ab54-7c1e-7d3a-9f7b.pdf';
const HAPPY = 0;

const unasked = (): never => {
  throw new Error('this path asks for nothing of the kind');
};

describe.skipIf(!dynamoAvailable())('write units of a key', () => {
  let server: DynamoServer;
  let writes: () => Writes;
  let dynamo: DynamoState;
  let clock: ManualClock;
  let source: Map<string, Sight>;
  let destination: Map<string, Sight>;
  let refused: TidemarkError | null;
  let serial: number;
  let names: number;
  beforeAll(async () => {
    server = await startDynamoServer();
    writes = countWrites(server.client);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    clock = new ManualClock();
    dynamo = new DynamoState({ client: server.client, tableName: await server.createTable(), clock });
    [source, destination, refused, serial, names] = [new Map(), new Map(), null, 0, 0];
    // The first write of a route makes its totals item, once for all of its keys.
    await replay(put('warm-up'), 'warm-up', true);
    await dynamo.flush();
    writes();
  });

  function put(key = KEY, size = 4_096): ObjectChange {
    clock.advance(1_000);
    serial++;
    const etag = createHash('md5').update(`${serial}`).digest('hex');
    const versionId = version();
    const checksum = { algorithm: 'CRC64NVME', value: digest('crc').slice(0, 11).concat('='), type: 'FULL_OBJECT' } as const;
    const headers = { contentType: 'application/pdf' };
    source.set(key, { etag, size, versionId, lastModified: clock.now(), headers, metadata: {}, tagCount: 0, checksum });
    return { op: 'PUT', key, origin: 's3', ts: clock.now() - 800, etag, size, versionId, sequencer: sequencer() };
  }

  function remove(): ObjectChange {
    clock.advance(1_000);
    serial++;
    source.delete(KEY);
    return { op: 'DELETE', key: KEY, origin: 's3', ts: clock.now() - 800, versionId: version(), sequencer: sequencer() };
  }

  // As long, and as hard to compress, as S3's own.
  const digest = (of: string): string => createHash('sha256').update(`${of} ${serial}`).digest('base64url');
  const version = (): string => digest(`version ${names++}`).slice(0, 32);
  const sequencer = (): string => `0068F0${createHash('md5').update(`sequencer ${serial}`).digest('hex').slice(0, 12)}`.toUpperCase();

  function store(objects: Map<string, Sight>): RegionStore {
    return {
      provesIdentity: true,
      head: async (key) => {
        const sight = objects.get(key);
        return sight ? { present: true, sight } : ABSENT;
      },
      remove: async (key) => void objects.delete(key),
      read: unasked,
      write: unasked,
      putTags: unasked,
      capabilities: unasked,
      check: unasked,
      list: unasked,
    };
  }

  const serverSide: ServerSideCopy = {
    copy: async ({ key, sight }) => {
      if (refused) throw refused;
      const versionId = version();
      destination.set(key, { ...sight, versionId });
      return { etag: sight.etag, versionId, ...(sight.checksum ? { checksum: sight.checksum } : {}) };
    },
    startUpload: unasked,
    copyPart: unasked,
    completeUpload: unasked,
    listParts: unasked,
    abortUpload: unasked,
  };

  function replay(change: ObjectChange, key: string, optimistic: boolean): Promise<KeyOutcome> {
    const gate: Link['gate'] = { run: (_size, transfer) => transfer() };
    const link: Link = { source: store(source), destination: store(destination), serverSide, tags: false, gate };
    const traits = { serverSide: true, conditionalCopy: true, conditionalPut: true, conditionalDelete: true, tags: false, partsFrom: 1e9 };
    const deps = {
      state: dynamo.state,
      index: dynamo.index,
      deletes: dynamo.deletes,
      audit: trailOver(dynamo.audit, clock),
      pauses: dynamo.pauses,
      pace: new Pace(clock),
      queue: { send: async () => undefined },
      clock,
      ids: { next: () => '0193ab54-7c1e-7d3a-9f7b-0123456789ab', random: () => 0.5 },
      link: async () => ({ link, traits }),
    };
    // A route that leaves objects out claims before it copies.
    const route = optimistic ? ROUTE : { ...ROUTE, minBytes: 0 };
    const job = { route, key, changes: [change], look: false, receives: 1, leaseMs: 60_000, retry: DEFAULT_RETRY, alwaysLease: false };
    return replayKey(deps, { ...job, deadline: clock.now() + 600_000 });
  }

  it('1 for a new object on the optimistic path', async () => {
    const outcome = await replay(put(), KEY, true);

    expect(outcome).toMatchObject({ kind: 'settled', done: 1 });
    expect(writes()).toEqual({ requests: 1, table: 1, indexes: HAPPY });
  });

  it('2 for a new object on the leased path', async () => {
    const outcome = await replay(put(), KEY, false);

    expect(outcome).toMatchObject({ kind: 'settled', done: 1 });
    expect(writes()).toEqual({ requests: 2, table: 2, indexes: HAPPY });
  });

  it.each([
    ['optimistic', true, 1],
    ['leased', false, 2],
  ] as const)('the same for each of many overwrites of a versioned object: %s', async (_name, optimistic, units) => {
    for (let n = 0; n < 12; n++) {
      await replay(put(), KEY, optimistic);

      expect(writes(), `overwrite ${n}`).toEqual({ requests: units, table: units, indexes: HAPPY });
    }
  });

  it('none for an event that comes again', async () => {
    const event = put();
    await replay(event, KEY, true);
    writes();

    const outcome = await replay(event, KEY, true);

    expect(outcome).toMatchObject({ kind: 'settled', acted: false });
    expect(writes()).toEqual({ requests: 0, table: 0, indexes: HAPPY });
  });

  it('2 for a delete, and 1 for the delete log; what was counted before is flushed for the breaker', async () => {
    await replay(put(), KEY, true);
    await dynamo.flush();
    writes();

    const outcome = await replay(remove(), KEY, true);

    expect(destination.has(KEY)).toBe(false);
    expect(outcome).toMatchObject({ kind: 'settled', done: 1 });
    expect(writes()).toEqual({ requests: 3, table: 3, indexes: HAPPY });
  });

  it('of a failure: its record and the two indexes it enters; of the retry that heals it: record and indexes again', async () => {
    const event = put();
    refused = new TidemarkError('UNAVAILABLE', 'the destination does not answer');

    expect(await replay(event, KEY, false)).toMatchObject({ kind: 'retry' });
    expect(writes()).toEqual({ requests: 2, table: 2, indexes: 2 });

    refused = null;
    clock.advance(3_600_000);
    expect(await replay(event, KEY, false)).toMatchObject({ kind: 'settled', done: 1 });
    // The claim rewrites the entry of `open` (pending becomes in_progress), completing takes both away.
    expect(writes()).toEqual({ requests: 2, table: 2, indexes: 3 });
  });

  it('of a failure for good: its record and the one index it enters', async () => {
    refused = new TidemarkError('KEY_NOT_STORABLE', 'the destination cannot hold this key');

    expect(await replay(put(), KEY, true)).toMatchObject({ kind: 'failed', errors: 1 });
    expect(writes()).toEqual({ requests: 1, table: 1, indexes: 1 });
  });

  it('one write a batch for the totals, and none when nothing was counted', async () => {
    for (let n = 0; n < 10; n++) await replay(put(`${KEY}.${n}`), `${KEY}.${n}`, true);
    writes();

    await dynamo.flush();
    expect(writes()).toEqual({ requests: 1, table: 1, indexes: HAPPY });
    await dynamo.flush();
    expect(writes()).toEqual({ requests: 0, table: 0, indexes: HAPPY });
  });
});
