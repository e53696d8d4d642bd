/** What a bidirectional route demands of its two ends. */
import { describe, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { DEFAULT_MAX_SKEW_MS, type Route } from '../../lib/core/routes/route.ts';
import type { Capabilities, RegionStore } from '../../lib/ports/objects.ts';
import { linkOnce, type RouteEnds } from '../../lib/usecases/link-once.ts';
import { REAL_CLOCK } from '../fixtures/folder.ts';

const ROUTE: Route = {
  name: 'pair',
  from: 'east',
  to: 'west',
  prefix: '',
  deletes: true,
  bidirectional: { maxSkewMs: DEFAULT_MAX_SKEW_MS },
};

/** A folder that says of itself what an endpoint may. */
class Lacking extends FolderBucket {
  readonly #lacks: Partial<Capabilities>;

  constructor(lacks: Partial<Capabilities>) {
    super('/nowhere', { clock: REAL_CLOCK });
    this.#lacks = lacks;
  }

  override async capabilities(): Promise<Capabilities> {
    return { ...(await super.capabilities()), ...this.#lacks };
  }
}

function ends(lacks: Readonly<Record<string, Partial<Capabilities>>> = {}): RouteEnds & { readonly stores: Readonly<Record<string, RegionStore>> } {
  const stores: Record<string, RegionStore> = { east: new Lacking(lacks.east ?? {}), west: new Lacking(lacks.west ?? {}) };
  const store = (name: string): RegionStore => {
    const found = stores[name];
    if (!found) throw new Error(`no region ${name}`);
    return found;
  };
  return { stores, store, destination: ({ to }) => store(to), serverSide: () => null };
}

describe('the link of a bidirectional route', () => {
  it('leads back as well', async () => {
    const given = ends();
    const { link, back } = await linkOnce(given)(ROUTE);

    expect([link.source, link.destination]).toEqual([given.stores.east, given.stores.west]);
    expect([back?.link.source, back?.link.destination]).toEqual([given.stores.west, given.stores.east]);
  });

  it('does not of a route that goes one way', async () => {
    const { bidirectional: _none, ...oneWay } = ROUTE;

    expect((await linkOnce(ends({ east: { conditionalPut: false, writable: false } }))(oneWay)).back).toBeUndefined();
  });

  it.each([
    ['west', { conditionalPut: false }, /region west must honour If-Match and If-None-Match on writes/],
    ['east', { conditionalPut: false }, /region east must honour If-Match and If-None-Match on writes/],
    ['east', { conditionalDelete: false }, /region east must honour If-Match on deletes, or keep versions .*, or deletes be false/],
    ['east', { writable: false }, /nothing may be written to region east/],
  ])('refuses a side that does not honour conditions, and says which: %s %o', async (region, lacks, message) => {
    await expect(linkOnce(ends({ [region]: lacks }))(ROUTE)).rejects.toThrow(message);
  });

  it('asks for no conditional deletes where none are replicated', async () => {
    await expect(linkOnce(ends({ east: { conditionalDelete: false } }))({ ...ROUTE, deletes: false })).resolves.toHaveProperty('back');
  });

  it('refuses keys that differ', async () => {
    await expect(linkOnce(ends())({ ...ROUTE, destinationPrefix: 'copies/' })).rejects.toThrow(/no destinationPrefix/);
  });
});
