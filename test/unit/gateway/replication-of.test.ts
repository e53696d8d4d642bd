import { expect, it } from 'vitest';
import { pairOf } from '../../../lib/core/objects/base.ts';
import type { Pair } from '../../../lib/core/objects/pair.ts';
import { emptyRecord } from '../../../lib/core/objects/record.ts';
import type { Sight } from '../../../lib/core/objects/sight.ts';
import { type KeyState, replicationOf } from '../../../lib/usecases/gateway/replication-of.ts';
import { ManualClock } from '../../contract/manual-clock.ts';

/** Of a store whose etags are no hashes, and which keeps no checksum. */
const HERE: Sight = { etag: 'inode-1', size: 5, lastModified: 1_000, headers: {}, metadata: {} };
const THERE: Sight = { ...HERE, etag: 'inode-2', lastModified: 2_000 };
const PAIR = pairOf(HERE, THERE, null, 3_000);

async function stateOf(from: Sight | null, to: Sight | null, applied: Pair | null): Promise<KeyState> {
  const route = { name: 'a-b', from: 'a', to: 'b' };
  const seen = { [route.from]: from, [route.to]: to };
  const store = (region: string) => ({
    head: async () => {
      const sight = seen[region];
      return sight ? ({ present: true, sight } as const) : ({ present: false } as const);
    },
  });
  const record = applied && { ...emptyRecord(route.name, 'k', 0), applied };
  return (await replicationOf({ route, store, state: { get: async () => record }, clock: new ManualClock() }, 'k')).state;
}

it.each<[string, Sight | null, Sight | null, Pair | null, KeyState]>([
  ['both as they were when they were shown to be equal', HERE, THERE, PAIR, 'equal'],
  ['of which nothing is known', HERE, THERE, null, 'different'],
  ['one written anew since', { ...HERE, etag: 'inode-3' }, THERE, PAIR, 'different'],
  ['the other written anew since', HERE, { ...THERE, lastModified: 2_001 }, PAIR, 'different'],
  ['one with other metadata since', HERE, { ...THERE, metadata: { a: 'b' } }, PAIR, 'different'],
  ['of which one may be a copy that nothing proves', HERE, THERE, { ...PAIR, to: { ...PAIR.to, unproven: true } }, 'different'],
  ['of which one is gone', HERE, null, PAIR, 'missing'],
])('two objects without a common hash: %s', async (_what, from, to, applied, state) => {
  expect(await stateOf(from, to, applied)).toBe(state);
});
