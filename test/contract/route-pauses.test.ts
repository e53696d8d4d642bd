import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import { SqliteRoutePauses } from '../../lib/adapters/sqlite/route-pauses.ts';
import type { RoutePauses } from '../../lib/ports/replication-state.ts';
import { type DynamoServer, dynamoAvailable, startDynamoServer } from '../fixtures/dynamodb-server.ts';
import { ManualClock } from './manual-clock.ts';
import { scratch } from './sqlite-support.ts';

interface PausesUnderTest {
  /** Of a process, and of another one. */
  readonly pauses: RoutePauses;
  readonly others: RoutePauses;
  readonly clock: ManualClock;
  readonly dispose: () => unknown;
}

function routePausesContract(name: string, factory: () => Promise<PausesUnderTest>): void {
  describe(`route pauses: ${name}`, () => {
    let subject: PausesUnderTest;
    beforeEach(async () => {
      subject = await factory();
    });
    afterEach(() => subject.dispose());

    it('are none at first', async () => {
      expect(await subject.pauses.read()).toEqual(new Map());
      expect(await subject.pauses.recent()).toEqual(new Map());
    });

    it('tell since when each route is paused, and keep the first moment', async () => {
      const { pauses, others } = subject;
      await pauses.pause('a-b', 1_000);
      await pauses.pause('pk', 2_000);
      await others.pause('a-b', 3_000);

      expect(await others.read()).toEqual(
        new Map([
          ['a-b', 1_000],
          ['pk', 2_000],
        ]),
      );
    });

    it('end with a resumption, of that route alone; resuming what flows does no harm', async () => {
      const { pauses, others } = subject;
      await pauses.resume('a-b');
      await pauses.pause('a-b', 1_000);
      await pauses.pause('c-d', 1_000);
      await others.resume('a-b');

      expect(await pauses.read()).toEqual(new Map([['c-d', 1_000]]));
    });

    it('ask for what was held from the resumption on until it is released, whoever asks; not where nothing was paused', async () => {
      const { pauses, others } = subject;
      expect(await pauses.resume('a-b')).toBe(false);
      await pauses.pause('a-b', 1_000);
      expect([await pauses.resume('a-b'), await others.resume('a-b'), await others.resume('c-d')]).toEqual([true, true, false]);
      expect(await pauses.read()).toEqual(new Map());
      await others.released('a-b');
      expect(await pauses.resume('a-b')).toBe(false);
      await pauses.pause('a-b', 2_000);
      expect(await pauses.read()).toEqual(new Map([['a-b', 2_000]]));
      expect(await others.resume('a-b')).toBe(true);
    });

    it('are known to others within a second, and to who set them at once', async () => {
      const { pauses, others, clock } = subject;
      await Promise.all([pauses.recent(), others.recent()]);
      await others.pause('a-b', 1_000);

      expect(await others.recent()).toEqual(new Map([['a-b', 1_000]]));
      clock.advance(1_000);
      expect(await pauses.recent()).toEqual(new Map([['a-b', 1_000]]));
      await others.resume('a-b');
      clock.advance(1_000);
      expect(await pauses.recent()).toEqual(new Map());
    });
  });
}

routePausesContract('sqlite', async () => {
  const place = scratch();
  const database = place.open();
  const clock = new ManualClock();
  return { pauses: new SqliteRoutePauses(database, clock), others: new SqliteRoutePauses(database, clock), clock, dispose: place.dispose };
});

describe.skipIf(!dynamoAvailable())('dynamodb', () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoServer();
  });
  afterAll(() => server.stop());

  const create = async () => {
    const clock = new ManualClock();
    const options = { client: server.client, tableName: await server.createTable(), clock };
    return { pauses: new DynamoState(options).pauses, others: new DynamoState(options).pauses, clock, dispose: () => undefined };
  };
  routePausesContract('dynamodb', create);

  it('costs one read a second, however often it is asked', async () => {
    const { pauses, clock } = await create();
    let reads = 0;
    server.client.middlewareStack.add(
      (next) => (args) => {
        reads++;
        return next(args);
      },
      { step: 'build', name: 'count-reads', override: true },
    );

    for (let look = 0; look < 100; look++) {
      clock.advance(10);
      await pauses.recent();
    }

    expect(reads).toBe(1);
    server.client.middlewareStack.remove('count-reads');
  });
});
