import { beforeEach, describe, expect, it } from 'vitest';
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { Watermark } from '../../../lib/core/gateway/watermark.ts';
import { failoverState } from '../../../lib/usecases/gateway/failover-state.ts';
import { probeRound } from '../../../lib/usecases/gateway/probe-round.ts';
import { type AskDeps, failback, promote } from '../../../lib/usecases/gateway/promote.ts';
import { settled, World } from './support.ts';

const ROUTE = 'east-west';

let world: World;
let crossed: Omit<Watermark, 'route' | 'at'>;
let isMeasurable: boolean;
beforeEach(() => {
  world = new World();
  crossed = { through: world.clock.now(), open: 0, failedSince: null };
  isMeasurable = true;
});

const deps = (): AskDeps => ({
  authority: world.process(),
  route: ROUTE,
  check: world.check,
  measure: async () => {
    if (!isMeasurable) throw new TidemarkError('UNAVAILABLE', 'the table does not answer');
    return { route: ROUTE, at: world.clock.now(), ...crossed };
  },
});

const by = 'local';

async function whileTimePasses<T>(going: Promise<T>): Promise<T> {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  going.then(end, end);
  for (await settled(); !isOver; await settled()) world.clock.advance(250);
  return going;
}

describe('a promotion', () => {
  it('makes the other region active, and tells what may not have crossed', async () => {
    crossed = { through: world.clock.now() - 90_000, open: 7, failedSince: null };

    expect(await promote(deps(), { by })).toMatchObject({
      changed: true,
      epoch: 2,
      from: 'east',
      active: 'west',
      crossing: { route: ROUTE, open: 7, through: world.clock.now() - 90_000, ageMs: 0 },
    });
  });

  it('tells what was known last where the home of the route does not answer', async () => {
    isMeasurable = false;
    await world.store.putWatermark({ route: ROUTE, at: world.clock.now() - 30_000, through: world.clock.now() - 31_000, open: 2, failedSince: null });

    expect((await promote(deps(), { by })).crossing).toMatchObject({ open: 2, ageMs: 30_000 });
    expect((await promote(deps(), { by, region: 'east' })).crossing).toMatchObject({ open: 2 });
  });

  it('changes nothing where the region is active already', async () => {
    expect(await promote(deps(), { by, region: 'east' })).toMatchObject({ changed: false, epoch: 1, active: 'east', writesInMs: 0 });
    expect(world.intents()).toEqual(['failover.begin']);
  });

  it('is refused for a region that does not answer, and goes ahead where that is named and forced', async () => {
    world.failing.add('west');

    await expect(promote(deps(), { by })).rejects.toMatchObject({ code: 'SWITCH_REFUSED', message: expect.stringContaining('west is down') });
    await expect(promote(deps(), { by, region: 'west' })).rejects.toMatchObject({ code: 'SWITCH_REFUSED' });
    await expect(promote(deps(), { by, force: true })).rejects.toMatchObject({ code: 'INVALID_INPUT', message: /^force: / });
    expect(await promote(deps(), { by, region: 'west', force: true })).toMatchObject({ changed: true, active: 'west' });
  });

  it('is refused where an observer outside the region gets no answer from it, though this process does', async () => {
    world.failing.add('west');
    const observer = world.process();
    for (let rounds = 0; rounds < 3; rounds++) await probeRound({ authority: observer, observer: { name: 'o', sits: 'east' }, check: world.check });
    world.failing.clear();

    await expect(promote(deps(), { by })).rejects.toMatchObject({ code: 'SWITCH_REFUSED', message: expect.stringContaining('observer o') });
    world.clock.advance(600_000);
    expect((await promote(deps(), { by })).changed).toBe(true);
  });

  it('names the field and the fix of a region that is none', async () => {
    await expect(promote(deps(), { by, region: 'north' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'region: one of east, west, not north',
    });
  });

  it('works in manual mode, where no observer switches', async () => {
    const asked: AskDeps = { ...deps(), authority: world.process({ mode: 'manual' }) };

    expect((await promote(asked, { by })).active).toBe('west');
  });
});

describe('a failback', () => {
  beforeEach(async () => {
    await promote(deps(), { by });
  });

  it('goes to the first region when all has crossed', async () => {
    expect(await failback(deps(), { by })).toMatchObject({ changed: true, active: 'east', epoch: 3, from: 'west' });
    expect(await failback(deps(), { by })).toMatchObject({ changed: false, active: 'east', epoch: 3 });
  });

  it.each([
    ['what had happened before does not cross, however young it is', { open: 3, behindMs: 1, failed: false }, /3 at most, lag/],
    ['changes ended as errors', { open: 0, behindMs: 0, failed: true }, /ended as errors/],
  ])('is refused where %s, and names the lag; forced, it goes ahead', async (_what, { open, behindMs, failed }, message) => {
    crossed = { through: world.clock.now() - behindMs, open, failedSince: failed ? world.clock.now() - 5_000 : null };

    await expect(whileTimePasses(failback(deps(), { by }))).rejects.toMatchObject({
      code: 'SWITCH_REFUSED',
      message,
      fields: { lag: expect.any(String) },
    });
    expect(await failback(deps(), { by, force: true })).toMatchObject({ changed: true, active: 'east', crossing: { open } });
  });

  it('waits for what had happened before it was asked for, and for nothing that happens since', async () => {
    const askedAt = world.clock.now();
    crossed = { through: askedAt - 1, open: 3, failedSince: null };
    const going = failback(deps(), { by });
    await settled();
    expect((await world.store.read())?.active).toBe('west');
    crossed = { through: askedAt, open: 3, failedSince: null };

    expect(await whileTimePasses(going)).toMatchObject({ changed: true, active: 'east' });
  });

  it('is refused where nobody knows what has crossed', async () => {
    isMeasurable = false;

    await expect(failback(deps(), { by })).rejects.toMatchObject({
      code: 'SWITCH_REFUSED',
      message: expect.stringContaining('the table does not answer'),
    });
  });

  it('is refused to a region that does not answer', async () => {
    world.failing.add('east');

    await expect(failback(deps(), { by })).rejects.toMatchObject({ code: 'SWITCH_REFUSED', message: expect.stringContaining('east is down') });
  });
});

describe('the state that people see', () => {
  it('goes from healthy to failed over and back', async () => {
    const asked = deps();
    const phase = async (): Promise<unknown> => (await failoverState({ authority: asked.authority, route: ROUTE })).phase;

    expect(await phase()).toBe('healthy');
    await promote(asked, { by });
    expect(await phase()).toBe('failedOver');
    await failback(asked, { by });
    expect(await phase()).toBe('healthy');
  });

  it('tells what was known where the control store does not answer, and why', async () => {
    const { authority } = deps();
    await authority.writer();
    world.control = 'down';

    expect(await failoverState({ authority, route: ROUTE })).toMatchObject({
      active: 'east',
      epoch: 1,
      writes: 'open',
      problem: { code: 'UNAVAILABLE' },
    });
    world.clock.advance(10_000);
    expect(await failoverState({ authority, route: ROUTE })).toMatchObject({ phase: 'healthy', writes: 'unknown' });
    expect(await failoverState({ authority: world.process(), route: ROUTE })).toMatchObject({ phase: null, active: 'east', epoch: 0 });
  });

  it('is suspect when an observer gets no answer, and held when one has just switched', async () => {
    const { authority } = deps();
    const observe = () => probeRound({ authority, observer: { name: 'o', sits: null }, check: world.check });
    await observe();
    world.failing.add('east');
    await observe();
    expect((await failoverState({ authority, route: ROUTE })).phase).toBe('suspect');
    await observe();
    const third = observe();
    await expect.poll(async () => (await world.store.read())?.epoch).toBe(2);
    world.clock.advance(11_000);
    await third;
    await observe();

    expect(await failoverState({ authority, route: ROUTE })).toMatchObject({ phase: 'held', active: 'west', writes: 'open' });
  });
});
