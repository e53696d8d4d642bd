/** The brake on deletes (O10), on the whole path of a key. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookMessage } from '../../lib/core/objects/message.ts';
import { HandlerWorld } from '../fixtures/handler-world.ts';

const KEY = 'report.txt';
const ROUTE = 'primary-secondary';

let world: HandlerWorld;

beforeEach(async () => {
  world = await HandlerWorld.create();
});

afterEach(() => world.dispose());

async function told(op: 'PUT' | 'DELETE'): Promise<void> {
  await world.runtime.queue.send([{ body: lookMessage(ROUTE, KEY, [{ op, key: KEY, origin: 's3', ts: world.clock.now() }]) }]);
}

/** Applied at both sides, then deleted at the source. */
async function deletedAtSource(): Promise<void> {
  const body = Buffer.from('x');
  await world.source.write(KEY, body, { size: 1, like: { etag: '', size: 1, lastModified: 0, headers: {}, metadata: {} } });
  await told('PUT');
  await world.drain();
  expect(await world.textAt(world.destination, KEY)).toBe('x');
  await world.source.remove(KEY);
  await told('DELETE');
}

async function pausedSince(): Promise<number | null> {
  return (await world.runtime.deletes.read(ROUTE, 0)).pausedAt;
}

describe('the delete that follows a thousand within ten minutes', () => {
  it('pauses the deletes of its route, waits, and runs once a person accepts them', async () => {
    await world.runtime.deletes.add(ROUTE, world.clock.now(), 1_000);
    await deletedAtSource();
    await world.replayOnce();

    expect(await world.textAt(world.destination, KEY)).toBe('x');
    expect(await pausedSince()).not.toBeNull();
    const { body } = await world.call('GET', '/routes');
    expect(body).toMatchObject({ routes: [{ name: ROUTE, paused: null, deletesPaused: expect.any(Number) }] });

    expect(await world.call('POST', `/routes/${ROUTE}/resume`, { acceptDeletes: true })).toMatchObject({
      status: 200,
      body: { deletesPaused: null },
    });
    world.clock.advance(60_000);
    await world.drain();
    expect(await world.textAt(world.destination, KEY)).toBeNull();
  });

  it('runs where the thousand are no longer within them', async () => {
    await world.runtime.deletes.add(ROUTE, world.clock.now() - 20 * 60_000, 1_000);
    await deletedAtSource();
    await world.drain();

    expect(await pausedSince()).toBeNull();
    expect(await world.textAt(world.destination, KEY)).toBeNull();
  });
});
