/** What the replayer counts of a backfill's messages. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backfillMessage } from '../../../lib/core/backfill/message.ts';
import type { ObjectChange } from '../../../lib/core/change.ts';
import { lookMessage } from '../../../lib/core/objects/message.ts';
import { lambdaContext } from '../../../lib/local/lambda-context.ts';
import type { OutgoingMessage } from '../../../lib/ports/queue.ts';
import { batchOf, HandlerWorld } from '../../fixtures/handler-world.ts';

let world: HandlerWorld;

beforeEach(async () => {
  world = await HandlerWorld.create({ limits: { maxRetries: 1 } });
});

afterEach(() => world.dispose());

const change = (key: string): ObjectChange => ({ op: 'PUT', key, origin: 'backfill', ts: Date.now() });
const message = (job: string, key: string): string => backfillMessage(job, 'primary-secondary', change(key));
const replay = (...bodies: readonly string[]) => world.replay(batchOf(...bodies), lambdaContext('replay', 60_000));

it('is each backfill by itself, and nothing of others', async () => {
  for (const key of ['a', 'b', 'c', 'd']) await world.put(key, key);

  await replay(message('one', 'a'), message('one', 'b'), message('two', 'c'), lookMessage('primary-secondary', 'd', [change('d')]));

  expect(await world.runtime.tally.read('one')).toEqual({ done: 2, failed: 0 });
  expect(await world.runtime.tally.read('two')).toEqual({ done: 1, failed: 0 });
});

it('tells what was given up from what was done, in one batch and for one key told twice', async () => {
  await world.put('a', 'a');

  await replay(message('one', 'a'), message('one', 'gone'), message('two', 'gone'));

  expect(await world.runtime.tally.read('one')).toEqual({ done: 1, failed: 1 });
  expect(await world.runtime.tally.read('two')).toEqual({ done: 0, failed: 1 });
});

it('leaves out what comes back, and what was sent anew to wait', async () => {
  await world.dispose();
  const sent: OutgoingMessage[] = [];
  world = await HandlerWorld.create({
    instead: ({ queue }) => ({
      queue: {
        holdSec: 0,
        send: async (messages) => void sent.push(...messages),
        delay: (receipt, seconds) => queue.delay(receipt, seconds),
        park: (body, reason) => queue.park(body, reason),
      },
    }),
  });

  expect(await replay(message('one', 'gone'))).toEqual({ batchItemFailures: [] });

  expect(sent).toHaveLength(1);
  expect(await world.runtime.tally.read('one')).toEqual({ done: 0, failed: 0 });
});

it('never fails a batch: what could not be counted is done all the same', async () => {
  await world.dispose();
  const tally = { add: () => Promise.reject(new Error('no table')), read: async () => ({ done: 0, failed: 0 }) };
  world = await HandlerWorld.create({ instead: () => ({ tally }) });
  await world.put('a', 'a');

  expect(await replay(message('one', 'a'))).toEqual({ batchItemFailures: [] });

  expect(await world.textAt(world.destination, 'a')).toBe('a');
  expect(world.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'a batch of a backfill was done and not counted' }));
});
