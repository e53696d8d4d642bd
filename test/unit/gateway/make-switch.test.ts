import { beforeEach, describe, expect, it } from 'vitest';
import type { ControlRecord } from '../../../lib/core/gateway/control.ts';
import { makeSwitch } from '../../../lib/usecases/gateway/make-switch.ts';
import { tellOutcomes } from '../../../lib/usecases/gateway/tell-outcomes.ts';
import { World } from './support.ts';

const WISH = { to: 'west', kind: 'promote', forced: false, by: 'operator', why: 'asked for' } as const;

let world: World;
beforeEach(() => {
  world = new World();
});

const record = async (): Promise<ControlRecord> => {
  const found = await world.store.read();
  if (!found) throw new Error('no gateway has begun');
  return found;
};

describe('a switch', () => {
  it('is told before it is made, and what came of it afterwards', async () => {
    const authority = world.process();
    const { made } = await makeSwitch(authority, await authority.read(), WISH);

    expect(made).toBe(true);
    expect(world.events.map(({ action, actor }) => `${action} by ${actor}`)).toEqual([
      'failover.begin by system',
      'failover.promote by operator',
      'failover.begin.outcome by system',
      'failover.promote.outcome by operator',
    ]);
    expect(await record()).toMatchObject({
      epoch: 2,
      active: 'west',
      open: false,
      switches: [
        { intent: 2, outcome: 4 },
        { intent: 1, outcome: 3 },
      ],
    });
  });

  it('switches nothing when the audit trail cannot be told before', async () => {
    const authority = world.process();
    const before = await authority.read();
    world.audit = 'down';

    await expect(makeSwitch(authority, before, WISH)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await record()).toEqual(before);
  });

  it('finds its own switch when the answer was lost, and makes no second one', async () => {
    const authority = world.process();
    const before = await authority.read();
    world.control = 'unanswered';
    const { made } = await makeSwitch(authority, before, WISH);

    expect(made).toBe(true);
    expect(world.intents()).toEqual(['failover.begin', 'failover.promote']);
    expect(await record()).toMatchObject({ epoch: 2, active: 'west' });
  });

  it('gives way to another that came first, and tells the audit trail so', async () => {
    const [mine, theirs] = [world.process(), world.process()];
    const before = await mine.read();
    await makeSwitch(theirs, before, { ...WISH, by: 'other' });
    const { made } = await makeSwitch(mine, before, WISH);

    expect(made).toBe(false);
    expect((await record()).epoch).toBe(2);
    expect(world.events.at(-1)).toMatchObject({ action: 'failover.promote.outcome', actor: 'operator', details: { made: false, epoch: 2 } });
  });

  it('is made all the same where something else in the record changed meanwhile', async () => {
    const [mine, theirs] = [world.process(), world.process()];
    const before = await mine.read();
    await tellOutcomes(theirs, before);

    expect(await makeSwitch(mine, before, WISH)).toMatchObject({ made: true, record: { epoch: 2, active: 'west' } });
  });

  it('says that nobody knows where the control store does not answer any more', async () => {
    const authority = world.process();
    const before = await authority.read();
    world.control = 'down';

    await expect(makeSwitch(authority, before, WISH)).rejects.toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true });
  });

  it('is told by whoever finds that its maker could not', async () => {
    const authority = world.process();
    const before = await authority.read();
    await tellOutcomes(authority, before);
    const told = await record();
    world.audit = 'none';
    const dying = makeSwitch(authority, told, WISH);
    await dying;
    const after = await record();
    await world.store.swap(
      { ...after, version: after.version + 1, switches: [{ ...after.switches[0], outcome: null }, ...after.switches.slice(1)] },
      after.version,
    );

    await tellOutcomes(world.process(), await record());
    expect((await record()).switches[0].outcome).toBe(world.events.length);
  });
});
