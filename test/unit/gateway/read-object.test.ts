/** Which region answers a read, and when the other one is asked: real folders, in front of which one can stand still. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderGatewayStore } from '../../../lib/adapters/filesystem/gateway-store.ts';
import type { ReadingStore } from '../../../lib/adapters/gateway/breaker.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { Route } from '../../../lib/core/routes/route.ts';
import type { ReadOptions } from '../../../lib/ports/gateway-store.ts';
import { getObject, type ReadRequest } from '../../../lib/usecases/gateway/read-object.ts';
import { ManualClock } from '../../contract/manual-clock.ts';
import { put, text } from '../../contract/object-store-support.ts';
import { type FolderUnderTest, newFolder } from '../../fixtures/folder.ts';
import { until } from '../../fixtures/until.ts';

const route: Route = { name: 'east-west', from: 'east', to: 'west', prefix: '', deletes: true, bidirectional: { maxSkewMs: 60_000 } };
const REGIONS = ['east', 'west'] as const;
type Region = (typeof REGIONS)[number];

/** `hangs`: no answer until who asked gives up. */
type Mood = 'answers' | 'hangs' | 'fails';

let folders: Record<Region, FolderUnderTest>;
let mood: Record<Region, Mood>;
let asked: Record<Region, AbortSignal[]>;
let clock: ManualClock;
beforeEach(async () => {
  folders = { east: await newFolder(), west: await newFolder() };
  mood = { east: 'answers', west: 'answers' };
  asked = { east: [], west: [] };
  clock = new ManualClock();
  for (const region of REGIONS) await put(folders[region].store, 'k', text(`of ${region}`));
});
afterEach(() => Promise.all(REGIONS.map((region) => folders[region].dispose())));

function regionOf(name: string): ReadingStore {
  const region = name === 'east' ? 'east' : 'west';
  const store = new FolderGatewayStore(folders[region].store);
  return {
    get: async (key, options: ReadOptions = {}) => {
      const { signal = new AbortController().signal } = options;
      asked[region].push(signal);
      if (mood[region] === 'fails') throw new TidemarkError('UNAVAILABLE', `${region} is down`);
      if (mood[region] === 'hangs') await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return store.get(key, options);
    },
    head: (key, options) => store.head(key, options),
  };
}

async function read(key = 'k', request: Partial<ReadRequest> = {}) {
  const deps = {
    route,
    authority: { reader: async () => ({ active: 'east', standby: 'west', epoch: 1, fresh: true }) },
    reading: regionOf,
    queue: { send: async () => undefined },
    clock,
  };
  const { served, ...answer } = await getObject(deps, key, { prefer: 'active', repair: false, ...request });
  return { ...answer, kind: served.kind };
}

const waits = (): Promise<void> => until(() => clock.sleeping > 0, { withinMs: 5_000, what: 'the read waits' });

describe('a read', () => {
  it('is answered by the active region, and the other is not asked', async () => {
    expect(await read()).toEqual({ kind: 'object', region: 'east', fromActive: true, repairing: false });
    expect(asked.west).toEqual([]);
  });

  it('is answered by the other at once where the active region fails', async () => {
    mood.east = 'fails';

    expect(await read()).toMatchObject({ kind: 'object', region: 'west', fromActive: false, fellBack: 'UNAVAILABLE' });
  });

  it('is asked of the other too once the active region takes longer than a second, and not before', async () => {
    mood.east = 'hangs';
    const reading = read();
    await waits();
    clock.advance(999);
    expect(asked.west).toEqual([]);
    clock.advance(1);

    expect(await reading).toMatchObject({ kind: 'object', region: 'west', fromActive: false });
    expect(asked.east[0]?.reason).toMatchObject({ message: expect.stringContaining('took longer than 1000 ms') });
  });

  it('is not answered by the other with an absence: only the active region knows that there is nothing', async () => {
    expect(await read('none')).toMatchObject({ kind: 'absent', region: 'east' });
    mood.east = 'fails';
    await expect(read('none')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('holds no copy of it yet') });
  });

  it('is asked of the other first where that is preferred, which may be behind: its absence is no answer', async () => {
    await folders.west.store.remove('k');

    expect(await read('k', { prefer: 'replica' })).toMatchObject({ kind: 'object', region: 'east', fromActive: true });
    expect(asked.west).toHaveLength(1);
  });
});
