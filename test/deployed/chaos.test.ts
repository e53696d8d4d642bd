/** All that may fail fails, under load; then nothing is lost, torn, stale or left over. */
import { randomInt } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { describeDeployed, Pair } from './client.ts';
import { SOURCE_REGION, stackOf } from './deployment.ts';
import type { Fault } from './faults.ts';
import { faultsOfHistory, Load, seeded } from './load.ts';

const MINUTE_MS = 60_000;
const KEYS = Array.from({ length: 80 }, (_, n) => `chaos/${n % 7}/key ${n}.txt`);
/** Of each phase, in changes; of the first one, at least. */
const RANDOM_FAULTS = 350;
const NO_ANSWER = 150;
/** What a killed call held comes back after a minute, and the wait before the next attempt may be two. */
const CATCH_UP = { timeout: 150_000, interval: 1_000 };

describeDeployed('a pair of buckets whose functions, stores and table fail at random', () => {
  const pair = new Pair('chaos');
  const faults = pair.faults('chaos');
  const seed = Number(process.env.CHAOS_SEED ?? randomInt(2 ** 31));
  afterEach(() => faults.clear());

  const stack = stackOf(pair.regions.srcRegion);
  const failingStores = (): Fault[] => {
    const [source, destination] = [pair.source.bucket, pair.destination.bucket];
    return [
      { service: 's3', bucket: source, op: 'HEAD', rate: 0.2, status: 503, code: 'SlowDown' },
      { service: 's3', bucket: destination, op: 'COPY', rate: 0.2, status: 503, code: 'SlowDown' },
      { service: 's3', bucket: destination, op: 'COPY', rate: 0.1, lostAnswer: true },
      { service: 's3', bucket: destination, op: 'COPY', rate: 0.1, delayMs: 300 },
      { service: 's3', bucket: destination, op: 'DELETE', rate: 0.1, lostAnswer: true },
      { service: 's3', bucket: destination, op: 'HEAD', rate: 0.1, status: 500, code: 'InternalError' },
    ];
  };
  const failingTable = (): Fault[] => {
    const table = { service: 'dynamodb', region: SOURCE_REGION, match: stack } as const;
    return [
      { ...table, rate: 0.1, status: 400, code: 'ProvisionedThroughputExceededException' },
      { ...table, op: 'UpdateItem', rate: 0.1, lostAnswer: true },
      { ...table, rate: 0.05, status: 500, code: 'InternalServerError' },
      { service: 'sqs', region: SOURCE_REGION, op: 'ChangeMessageVisibility', match: stack, rate: 0.3, status: 500, code: 'InternalError' },
    ];
  };
  const failingFunctions = (): Fault[] => {
    const replay = { service: 'lambda', op: 'Invoke', match: pair.output('ReplayFunctionName') } as const;
    return [
      { ...replay, effect: 'crash' as const, rate: 0.2, count: 6, delayMs: 40 },
      { ...replay, effect: 'freeze' as const, rate: 0.2, count: 2, delayMs: 40 },
      { ...replay, effect: 'throttle' as const, rate: 0.2, count: 6 },
    ];
  };

  it('loses, tears and forgets nothing, and never goes back to an older version', async () => {
    console.info(`CHAOS_SEED=${seed} makes the same changes again`);
    const load = new Load(pair.source, KEYS, seeded(seed));
    const set = [...failingFunctions(), ...failingStores(), ...failingTable()];
    await faults.set(...set);
    while (load.changes < RANDOM_FAULTS) await load.change();
    const idle = async (): Promise<unknown> => {
      await load.change();
      return (await faults.hits()).flatMap((hits, place) => (hits === 0 ? [set[place]] : []));
    };
    // While both calls that there may be are frozen, and what they held waits, nothing strikes.
    await expect.poll(idle, { timeout: 2 * MINUTE_MS, interval: 200, message: 'faults that never struck' }).toEqual([]);
    console.info('struck:', JSON.stringify(await faults.hits()));

    const began = Date.now();
    await faults.set({ service: 's3', bucket: pair.destination.bucket, hang: true });
    for (let n = 0; n < NO_ANSWER; n++) await load.change();
    await expect.poll(() => Date.now() - began, { timeout: 2 * MINUTE_MS, interval: 500 }).toBeGreaterThan(MINUTE_MS);
    expect((await faults.hits())[0]).toBeGreaterThan(0);
    await faults.clear();

    await expect.poll(() => pair.differences('chaos/'), { ...CATCH_UP, message: `seed ${seed}` }).toEqual([]);
    expect(await faultsOfHistory(pair.source, 'chaos/'), 'the test itself').toEqual([]);
    expect(await faultsOfHistory(pair.destination, 'chaos/'), `seed ${seed}`).toEqual([]);
    await pair.drains();
    expect(await pair.events('chaos/', '&status=error')).toEqual([]);
    expect(await pair.differences('chaos/'), `seed ${seed}`).toEqual([]);
  }, 300_000);
});
