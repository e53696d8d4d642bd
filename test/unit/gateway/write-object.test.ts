/** Writes through the gateway, and the right to make them: real folders, a real control record, clocks that the test moves. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderGatewayStore } from '../../../lib/adapters/filesystem/gateway-store.ts';
import { defineTidemark } from '../../../lib/config/define.ts';
import type { ObjectChange } from '../../../lib/core/change.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { Authority } from '../../../lib/usecases/gateway/authority.ts';
import { makeSwitch } from '../../../lib/usecases/gateway/make-switch.ts';
import type { WriteDeps } from '../../../lib/usecases/gateway/object-deps.ts';
import { deleteObject, putObject } from '../../../lib/usecases/gateway/write-object.ts';
import { type FolderUnderTest, newFolder } from '../../fixtures/folder.ts';
import { RULES, World } from './support.ts';

const KEY = 'docs/a.md';
const OPTIONS = { by: 'token', headers: {}, metadata: {} } as const;
const WISH = { to: 'west', kind: 'promote', forced: false, by: 'operator', why: 'asked for' } as const;

const { routes } = defineTidemark({
  regions: { east: { folder: 'east' }, west: { folder: 'west' } },
  routes: [{ from: 'east', to: 'west', bidirectional: true }],
});

let world: World;
let authority: Authority;
let east: FolderUnderTest;
let announced: ObjectChange[];
let deps: WriteDeps;
beforeEach(async () => {
  const [route] = routes;
  if (!route) throw new Error('one route');
  world = new World();
  authority = world.process();
  east = await newFolder();
  announced = [];
  const store = new FolderGatewayStore(east.store);
  deps = {
    route,
    authority,
    writing: (region) => {
      if (region !== 'east') throw new Error(`${region} is not active`);
      return store;
    },
    announce: async (change) => void announced.push(change),
    clock: world.clock,
  };
});
afterEach(() => east.dispose());

/** A body in whose midst something happens. */
async function* bodyWhile(happens: () => Promise<unknown>): AsyncGenerator<Uint8Array> {
  yield Buffer.from('be');
  await happens();
  yield Buffer.from('gun');
}

const leaseEnds = async (): Promise<void> => {
  world.control = 'down';
  world.clock.advance(RULES.leaseMs);
};

describe('a write through the gateway', () => {
  it('is stored, and its change is on its way, before it is answered', async () => {
    expect(
      await putObject(
        deps,
        KEY,
        bodyWhile(async () => undefined),
        OPTIONS,
      ),
    ).toMatchObject({ region: 'east', epoch: 1, result: { size: 5 } });

    expect(await east.store.head(KEY)).toMatchObject({ present: true, sight: { size: 5 } });
    expect(announced).toMatchObject([{ op: 'PUT', key: KEY, side: 'from', origin: 'api', size: 5 }]);
  });

  it('is stored nowhere where its lease ends before the last byte', async () => {
    await expect(putObject(deps, KEY, bodyWhile(leaseEnds), OPTIONS)).rejects.toMatchObject({ code: 'NO_WRITER' });

    expect(await east.store.head(KEY)).toEqual({ present: false });
    expect(announced).toEqual([]);
  });

  it('is stored nowhere where another region became active before the last byte, as far as this process knows', async () => {
    const switches = async () => makeSwitch(authority, await authority.read(), WISH);

    await expect(putObject(deps, KEY, bodyWhile(switches), OPTIONS)).rejects.toMatchObject({ code: 'NO_WRITER' });

    expect(await east.store.head(KEY)).toEqual({ present: false });
  });

  it('has a delete on its way before it is answered, of what is absent too', async () => {
    expect(await deleteObject(deps, KEY, { by: 'token' })).toMatchObject({ region: 'east', epoch: 1 });

    expect(announced).toMatchObject([{ op: 'DELETE', key: KEY, side: 'from', origin: 'api' }]);
  });

  it('removes nothing where its lease ended before', async () => {
    await putObject(deps, KEY, Buffer.from('kept'), OPTIONS);
    // As when the trail of audit is slow.
    const slow = { ...deps, audited: leaseEnds };

    await expect(deleteObject(slow, KEY, { by: 'token' })).rejects.toMatchObject({ code: 'NO_WRITER' });

    expect(await east.store.head(KEY)).toMatchObject({ present: true });
    expect(announced).toHaveLength(1);
  });

  it('says that it may be there where its way to the other region could not be recorded', async () => {
    const announce = () => Promise.reject(new TidemarkError('UNAVAILABLE', 'the disk is full'));

    await expect(putObject({ ...deps, announce }, KEY, Buffer.from('x'), OPTIONS)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('the object is written at east'),
      fields: { outcomeUnknown: true },
    });

    expect(await east.store.head(KEY)).toMatchObject({ present: true });
  });
});
