/** What Tidemark decides by itself, as the trail tells it. */
import { afterEach, describe, expect, it } from 'vitest';
import { lookMessage } from '../../../lib/core/objects/message.ts';
import { changeAt } from '../../../lib/core/routes/route.ts';
import { put } from '../../embedded/support.ts';
import { entriesOf } from '../../fixtures/audit-trail.ts';
import { HandlerWorld } from '../../fixtures/handler-world.ts';

const ROUTE = 'primary-secondary';

let world: HandlerWorld;
afterEach(() => world.dispose());

async function look(key: string): Promise<void> {
  const change = changeAt({ op: 'PUT', key, origin: 'watch', ts: world.clock.now() }, 'from');
  await world.runtime.queue.send([{ body: lookMessage(ROUTE, key, [change]) }]);
  await world.drain();
}

describe('the trail', () => {
  it('tells of a conflict once, however often its key is looked at', async () => {
    world = await HandlerWorld.create({ routes: [{ from: 'primary', to: 'secondary', bidirectional: { prefer: 'secondary' } }] });
    await put(world.source, 'a/1.txt', 'of primary');
    await put(world.destination, 'a/1.txt', 'of the other');
    for (let times = 0; times < 3; times++) await look('a/1.txt');

    const { body } = await world.call('GET', '/conflicts');
    expect(body).toMatchObject({ conflicts: [{ key: 'a/1.txt' }] });
    expect(await entriesOf(world.runtime.auditStore)).toEqual([
      expect.objectContaining({
        action: 'conflict.recorded',
        actor: 'system',
        subject: `${ROUTE}/a/1.txt`,
        details: expect.objectContaining({
          lost: expect.objectContaining({ side: 'from', op: 'PUT', restorable: false }),
          won: expect.objectContaining({ op: 'PUT' }),
        }),
      }),
    ]);

    await put(world.source, 'a/1.txt', 'of primary, again');
    await put(world.destination, 'a/1.txt', 'of the other, again');
    await look('a/1.txt');
    expect(await entriesOf(world.runtime.auditStore)).toHaveLength(2);
  });

  it('tells once that deletes were stopped, however many of them are refused', async () => {
    world = await HandlerWorld.create();
    for (const key of ['a', 'b', 'c']) {
      await put(world.source, key, key);
      await look(key);
    }
    await world.runtime.deletes.add(ROUTE, world.clock.now(), 1_000);
    for (const key of ['a', 'b', 'c']) {
      await world.source.remove(key);
      await world.runtime.queue.send([{ body: lookMessage(ROUTE, key, [{ op: 'DELETE', key, origin: 's3', ts: world.clock.now() }]) }]);
    }
    for (let times = 0; times < 4; times++) await world.replayOnce();

    expect((await world.runtime.deletes.read(ROUTE, 0)).pausedAt).not.toBeNull();
    expect(await entriesOf(world.runtime.auditStore)).toEqual([
      expect.objectContaining({
        action: 'deletes.paused',
        actor: 'system',
        subject: ROUTE,
        details: { why: 'too many at once', deletes: 1_001, objects: 3 },
      }),
    ]);
  });
});
