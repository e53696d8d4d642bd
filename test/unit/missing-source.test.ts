/** What a look that finds its bucket missing leaves behind (O10). */
import { rename } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { makeBackfillHandler } from '../../lambdas/backfill/handler.ts';
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import { lambdaContext } from '../../lib/local/lambda-context.ts';
import { batchOf, HandlerWorld, notification } from '../fixtures/handler-world.ts';

const ROUTE = 'primary-secondary';
let world: HandlerWorld;
afterEach(() => world.dispose());

/** The name of a bucket proves nothing, as at S3. A folder's marker would. */
const unproven = ({ store }: Runtime): Partial<Runtime> => ({
  store: (region) => Object.assign(store(region), { provesIdentity: false }),
});

const replay = (key: string) => world.replay(batchOf(JSON.stringify(notification(key))), lambdaContext('replay', 60_000));
const pausedAt = async (): Promise<number | null> => (await world.runtime.deletes.read(ROUTE, 0)).pausedAt;

describe('a source that is found missing', () => {
  it('pauses the deletes of its route, of which objects were applied', async () => {
    world = await HandlerWorld.create({ instead: unproven });
    await world.put('a', 'hello');
    await replay('a');
    await rename(world.root('primary'), `${world.root('primary')}-away`);

    await replay('b');

    expect(await pausedAt()).not.toBeNull();
  });

  it('pauses them too where a comparison alone finds out: when it is due, and while it walks', async () => {
    const workflow = { start: async () => undefined, stop: async () => undefined };
    world = await HandlerWorld.create({ instead: (runtime) => ({ ...unproven(runtime), workflow }) });
    await world.put('a', 'hello');
    await replay('a');
    const steps = makeBackfillHandler(world.runtime, { mostWaiting: 10, patienceMs: 0, schedules: [{ mode: 'reconcile', everyMs: 1 }] });
    const context = lambdaContext('backfill', 60_000);
    const { id } = (await world.call('POST', '/verify', { srcRegion: 'primary', dstRegion: 'secondary' })).body;
    await steps({ action: 'plan', id: String(id) }, context);
    await rename(world.root('primary'), `${world.root('primary')}-away`);

    expect(await steps({ action: 'schedule' }, context)).toEqual({ started: 0 });
    expect(await pausedAt()).not.toBeNull();

    await world.call('POST', `/routes/${ROUTE}/resume`, { acceptDeletes: true });
    expect(await pausedAt()).toBeNull();
    expect(await steps({ action: 'walk', id: String(id), index: 0 }, context)).toEqual({ state: 'later' });
    expect(await pausedAt()).not.toBeNull();
  });

  it('pauses nothing where no object was ever applied, or where the source proves itself when it is back', async () => {
    world = await HandlerWorld.create({ instead: unproven });
    await rename(world.root('primary'), `${world.root('primary')}-away`);
    await replay('b');
    expect(await pausedAt()).toBeNull();
    await world.dispose();

    world = await HandlerWorld.create();
    await world.put('a', 'hello');
    await replay('a');
    await rename(world.root('primary'), `${world.root('primary')}-away`);
    await replay('b');
    expect(await pausedAt()).toBeNull();
  });

  it('is another trouble than a destination that is missing', async () => {
    world = await HandlerWorld.create({ instead: unproven });
    await world.put('a', 'hello');
    await replay('a');
    await rename(world.root('secondary'), `${world.root('secondary')}-away`);
    await world.put('b', 'hello');

    const answer = await replay('b');

    expect(answer.batchItemFailures).toHaveLength(1);
    expect(await pausedAt()).toBeNull();
  });
});
