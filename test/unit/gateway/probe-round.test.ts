import { beforeEach, describe, expect, it } from 'vitest';
import { PROBE_EVERY_MS } from '../../../lib/core/gateway/rules.ts';
import type { Authority } from '../../../lib/usecases/gateway/authority.ts';
import { type ProbeRound, probeRound } from '../../../lib/usecases/gateway/probe-round.ts';
import { CLOSED_MS, settled, World } from './support.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const round = (authority: Authority, observer: { name: string; sits: string | null } = { name: 'o', sits: null }): Promise<ProbeRound> =>
  probeRound({ authority, observer, check: world.check });

describe('a round of an observer', () => {
  it('switches with the third failed probe, and opens the writes when every lease has run out', async () => {
    const authority = world.process();
    await round(authority);
    world.failing.add('east');
    for (const rounds of [1, 2]) {
      world.clock.advance(PROBE_EVERY_MS);
      expect((await round(authority)).state?.regions.east?.failures).toBe(rounds);
    }
    world.clock.advance(PROBE_EVERY_MS);
    const third = round(authority);
    await settled();

    expect(await world.store.read()).toMatchObject({ epoch: 2, active: 'west', open: false });
    world.clock.advance(CLOSED_MS);
    expect(await third).toMatchObject({ switchedTo: 2, decision: { act: 'switch', to: 'west', why: 'east failed 3 probes in a row: east is down' } });
    expect(await world.store.read()).toMatchObject({ epoch: 2, active: 'west', open: true, switches: [{ by: 'observer:o', kind: 'auto' }, {}] });
    expect((await world.process().writer()).region).toBe('west');
  });

  it('waits for that moment no longer than its process runs', async () => {
    const [authority, stop] = [world.process(), new AbortController()];
    world.failing.add('east');
    for (let rounds = 1; rounds <= 2; rounds++) await round(authority);
    const third = probeRound({ authority, observer: { name: 'o', sits: null }, check: world.check, signal: stop.signal });
    await settled();
    stop.abort();

    expect((await third).switchedTo).toBe(2);
    expect((await world.store.read())?.open).toBe(false);
  });

  it('takes a region for failed that does not answer in time, and tells it to stop', async () => {
    const authority = world.process();
    let stopped = false;
    const never = (signal: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(new Error('stopped'));
        }),
      );
    const hangs = (region: string, signal: AbortSignal): Promise<void> => (region === 'west' ? Promise.resolve() : never(signal));
    const hanging = probeRound({ authority, observer: { name: 'o', sits: null }, check: hangs });
    await settled();
    world.clock.advance(5_000);

    expect((await hanging).probes).toEqual({ east: 'region east: no answer within 5 s', west: null });
    expect(stopped).toBe(true);
  });

  it('counts for nothing where another run of the same observer counted meanwhile', async () => {
    const [one, two] = [world.process(), world.process()];
    await one.read();
    const rounds = await Promise.all([round(one), round(two)]);

    expect(rounds.filter(({ state }) => state === null)).toHaveLength(1);
    expect((await world.store.observer('o'))?.version).toBe(1);
  });

  it('makes one epoch where two observers condemn the region at once', async () => {
    const authorities = [world.process(), world.process()];
    for (const authority of authorities) await authority.read();
    world.failing.add('east');
    const both = (): Promise<unknown>[] => authorities.map((authority, index) => round(authority, { name: `o${index}`, sits: null }));
    for (let rounds = 1; rounds <= 2; rounds++) {
      await Promise.all(both());
      world.clock.advance(PROBE_EVERY_MS);
    }
    const last = both();
    await settled();
    world.clock.advance(CLOSED_MS);
    await Promise.all(last);

    expect(await world.store.read()).toMatchObject({ epoch: 2, active: 'west', open: true });
  });

  it('tells the audit trail of a switch whose maker could not', async () => {
    const authority = world.process();
    await authority.writer();
    expect(world.events.map(({ action }) => action)).toEqual(['failover.begin']);
    await round(world.process());

    expect(world.events.map(({ action }) => action)).toEqual(['failover.begin', 'failover.begin.outcome']);
    await round(world.process());
    expect(world.events).toHaveLength(2);
  });

  it('switches nothing while the control store does not answer', async () => {
    const authority = world.process();
    await authority.read();
    world.failing.add('east');
    world.control = 'down';

    for (let rounds = 0; rounds < 5; rounds++) await expect(round(authority)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    world.control = 'none';
    expect((await world.store.read())?.epoch).toBe(1);
  });
});
