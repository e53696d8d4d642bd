/** How far a region may be behind, as readers are told: with a real control record, and a measure that the test sets. */
import { beforeEach, describe, expect, it } from 'vitest';
import { openGateway } from '../../../lambdas/shared/open-gateway.ts';
import { defineTidemark } from '../../../lib/config/define.ts';
import type { Watermark } from '../../../lib/core/gateway/watermark.ts';
import { makeSwitch } from '../../../lib/usecases/gateway/make-switch.ts';
import { World } from './support.ts';

const WISH = { to: 'west', kind: 'promote', forced: false, by: 'operator', why: 'asked for' } as const;
const { gateway: config } = defineTidemark({
  regions: { east: { folder: 'east' }, west: { folder: 'west' } },
  routes: [{ from: 'east', to: 'west', bidirectional: true }],
  gateway: {},
});

let world: World;
let crossed: Pick<Watermark, 'through' | 'open'>;
beforeEach(() => {
  world = new World();
  crossed = { through: world.clock.now(), open: 0 };
});

function gateway() {
  if (!config) throw new Error('it has a gateway');
  const { clock } = world;
  const { control, audit } = world.process().deps;
  const store = () => {
    throw new Error('no store is asked');
  };
  const measure = async (): Promise<Watermark> => ({ route: 'east-west', at: clock.now(), failedSince: null, ...crossed });
  const queue = { send: async () => undefined };
  const made = openGateway({ config, control, audit, clock, store, queue, announce: async () => undefined, measure });
  return { ...made, authority: made.failover.authority };
}

describe('how far a region may be behind', () => {
  it('is nothing for the active region of the first epoch, whatever is on its way', async () => {
    const { authority, behindMs } = gateway();
    await authority.read();
    crossed = { through: world.clock.now() - 60_000, open: 7 };

    expect(await behindMs('east')).toBe(0);
    expect(await behindMs('west')).toBe(60_000);
  });

  it('is told of the active region after a switch, until all has crossed that the other one took', async () => {
    const { authority, behindMs } = gateway();
    crossed = { through: world.clock.now() - 60_000, open: 7 };
    await makeSwitch(authority, await authority.read(), WISH);

    expect(await behindMs('west')).toBe(60_000);

    world.clock.advance(20_000);
    await authority.read();
    expect(await behindMs('west')).toBe(80_000);
    crossed = { through: world.clock.now() - 1, open: 3 };
    world.clock.advance(6_000);
    expect(await behindMs('west')).toBe(0);
    // What happens since is its own.
    crossed = { through: world.clock.now() - 3_000_000, open: 9 };
    world.clock.advance(6_000);
    expect(await behindMs('west')).toBe(0);
  });

  it('is not told where nobody knows', async () => {
    const { authority, behindMs } = gateway();
    crossed = { through: null, open: 7 };
    await makeSwitch(authority, await authority.read(), WISH);

    expect(await behindMs('west')).toBeNull();
  });
});
