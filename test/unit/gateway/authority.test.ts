import { beforeEach, describe, expect, it } from 'vitest';
import { switched } from '../../../lib/core/gateway/control.ts';
import { CLOSED_MS, settled, World } from './support.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

async function switchTo(to: string): Promise<void> {
  const record = await world.store.read();
  if (!record) throw new Error('no gateway has begun');
  await world.store.swap(switched(record, { to, kind: 'promote', forced: false, at: 0, by: 'someone', why: '', intent: 1 }, 10_000), record.version);
}

describe('a process of the gateway', () => {
  it('begins with the region that the configuration names first, told to the audit trail before', async () => {
    const { region, epoch, holds } = await world.process().writer();

    expect({ region, epoch, holds: holds() }).toEqual({ region: 'east', epoch: 1, holds: true });
    expect(world.intents()).toEqual(['failover.begin']);
    expect((await world.store.read())?.switches[0].intent).toBe(1);
  });

  it('begins once, however many begin', async () => {
    const writers = await Promise.all([world.process({ first: 'east' }).writer(), world.process({ first: 'west' }).writer()]);

    expect(new Set(writers.map(({ region }) => region)).size).toBe(1);
    expect((await world.store.read())?.version).toBe(1);
  });

  it('acts on no record of other regions, and says what to do', async () => {
    await world.process().writer();
    const renamed = world.process({ regions: ['primary', 'secondary'], first: 'primary' });

    await expect(renamed.read()).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('give the region its former name'),
    });
    expect(await renamed.reader()).toMatchObject({ active: 'primary', epoch: 0, fresh: false });
  });

  it('reads the record once for all who ask, and again in time', async () => {
    const authority = world.process();
    await authority.writer();
    world.reads = 0;

    await Promise.all(Array.from({ length: 100 }, () => authority.writer()));
    expect(world.reads).toBe(0);
    world.clock.advance(4_000);
    await Promise.all(Array.from({ length: 100 }, () => authority.writer()));
    await settled();

    expect(world.reads).toBe(1);
    expect(authority.known()?.at.wall).toBe(world.clock.now());
  });

  it('takes no writes once its lease has ended and the control store does not answer', async () => {
    const authority = world.process();
    const writer = await authority.writer();
    world.control = 'down';

    world.clock.advance(9_999);
    expect((await authority.writer()).region).toBe('east');
    expect(writer.holds()).toBe(true);
    world.clock.advance(1);
    expect(writer.holds()).toBe(false);
    await expect(authority.writer()).rejects.toMatchObject({ code: 'NO_WRITER', retryable: true, fields: { retryAfterSec: 1 } });
    world.control = 'none';
    expect((await authority.writer()).region).toBe('east');
  });

  it('tells where to read when the control store does not answer, and that it may be old', async () => {
    const authority = world.process();
    await authority.writer();
    world.control = 'down';
    world.clock.advance(3_600_000);

    expect(await authority.reader()).toEqual({ active: 'east', standby: 'west', epoch: 1, fresh: false });
    world.control = 'none';
    await authority.writer();
    expect((await authority.reader()).fresh).toBe(true);
  });

  it('goes on reading by the configuration where it knows nothing, and by a store that hangs half a second later', async () => {
    world.control = 'hangs';
    const authority = world.process({ first: 'west' });
    const reading = authority.reader();
    await settled();
    world.clock.advance(500);

    expect(await reading).toEqual({ active: 'west', standby: 'east', epoch: 0, fresh: false });
  });

  it('takes no write in the epoch of a writer that another followed', async () => {
    const [mine, theirs] = [world.process(), world.process()];
    const writer = await mine.writer();
    await theirs.read();
    await switchTo('west');
    await mine.read();

    expect(writer.holds()).toBe(false);
    await expect(mine.writer()).rejects.toMatchObject({ code: 'NO_WRITER', fields: { retryAfterSec: 11 } });
  });

  it('forgets nothing when an answer comes late', async () => {
    const authority = world.process();
    const before = await authority.read();
    await switchTo('west');
    await authority.read();
    authority.learn(before, authority.now());

    expect(authority.known()?.record).toMatchObject({ epoch: 2, active: 'west' });
  });

  it('opens a new epoch when it has seen it closed for long enough, and then writes', async () => {
    const authority = world.process();
    await authority.writer();
    await switchTo('west');
    await authority.read();

    world.clock.advance(CLOSED_MS - 10);
    await expect(authority.writer()).rejects.toMatchObject({ code: 'NO_WRITER' });
    expect((await world.store.read())?.open).toBe(false);
    world.clock.advance(10);
    expect(await authority.writer()).toMatchObject({ region: 'west', epoch: 2 });
    expect((await world.store.read())?.open).toBe(true);
  });

  it('needs to wait for nothing where it finds an epoch open', async () => {
    const authority = world.process();
    await authority.writer();
    await switchTo('west');
    await authority.read();
    world.clock.advance(CLOSED_MS);
    await authority.writer();

    expect((await world.process().writer()).region).toBe('west');
  });

  it('asks again when it was frozen while an answer was on its way', async () => {
    world.control = 'hangs';
    const authority = world.process();
    const stuck = authority.writer().catch((error: unknown) => error);
    await settled();
    world.control = 'none';
    world.clock.advance(3_600_000);

    expect((await authority.writer()).region).toBe('east');
    expect(await stuck).toMatchObject({ code: 'NO_WRITER' });
  });

  it('keeps the right to write for as long as a write takes, and reads no more afterwards', async () => {
    const authority = world.process();
    let finish: () => void = () => undefined;
    const done = authority.writing(async (writer) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return writer.holds();
    });
    await settled();
    for (let second = 0; second < 60; second++) {
      world.clock.advance(1_000);
      await settled();
    }
    finish();

    expect(await done).toBe(true);
    const { reads } = world;
    world.clock.advance(60_000);
    await settled();
    expect(world.reads).toBe(reads);
  });
});
